"""The best blocking of a layer for a dataflow on a machine."""

from __future__ import annotations

import math
from dataclasses import dataclass
from textwrap import shorten
from time import perf_counter

from heron_ms.csp import Problem, UnsatisfiableError, minimise
from heron_ms.errors import ModelError
from heron_ms.hardware.accelerator import Accelerator
from heron_ms.interstellar.checks import demand
from heron_ms.interstellar.nest.cost import Cost
from heron_ms.interstellar.nest.evaluate import evaluate
from heron_ms.interstellar.nest.layer import Layer
from heron_ms.interstellar.nest.mapping import Mapping
from heron_ms.interstellar.optimise.blocking_problem import blocking_problem
from heron_ms.interstellar.optimise.objective import EnergyObjective
from heron_ms.interstellar.published.hints import Hints

WIDTH = 300
"""Characters of a clash that are shown: constraints may have long lists of factors."""


@dataclass(frozen=True)
class Best:
    """A mapping of least energy, its cost, and what finding it took."""

    mapping: Mapping
    cost: Cost
    nodes: int
    seconds: float


def best_blocking(
    layer: Layer, machine: Accelerator, hints: Hints | None = None, below: float = math.inf
) -> Best | None:
    """The blocking of least energy, exactly; None where none needs less than ``below`` pJ.

    Raises `ModelError`, naming the level or the loop, where nothing fits the machine at all.
    """
    start = perf_counter()
    fixed = Hints() if hints is None else hints
    _check_words(machine)
    problem = blocking_problem(layer, machine, fixed)
    objective = EnergyObjective(layer, machine, fixed)
    optimum = minimise(problem, objective, below)
    if optimum is None:
        if math.isinf(below):
            _explain(problem)
        return None
    mapping = objective.mapping(optimum.solution)
    cost = evaluate(layer, machine, mapping)
    return Best(mapping, cost, optimum.nodes, perf_counter() - start)


def _explain(problem: Problem) -> None:
    """Raise `ModelError` with the constraints that clash."""
    try:
        problem.require()
    except UnsatisfiableError as error:
        clash = shorten(str(error), WIDTH, placeholder=" ...")
        raise ModelError(f"no blocking fits the machine: {clash}") from error


def _check_words(machine: Accelerator) -> None:
    """Raise `ModelError`, naming the level, for one that holds less than a word."""
    for memory in machine.memories:
        holds = memory.capacity * 8 >= machine.precision
        bits = f"{memory.capacity} bytes hold no word of {machine.precision} bits"
        demand(holds, f"level {memory.name}: {bits}")
