"""Crossover and mutation on constraint problems, and MetaSchedule mutators built on them."""

from heron_ms.mutators.crossover import crossover
from heron_ms.mutators.meta_schedule import MutateAssignment, constrained_mutators
from heron_ms.mutators.mutation import mutate

__all__ = ["MutateAssignment", "constrained_mutators", "crossover", "mutate"]
