"""Offspring: solutions of the CSPs that pairs of parents make (Heron's CGA)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from numpy.random import Generator

from heron_ms.csp import In
from heron_ms.mutators import crossover, mutate
from heron_ms.search.search_space import Individual, SearchSpace

Keys = Sequence[Sequence[str]]
"""The key variables of each sketch."""


def breed(
    space: SearchSpace, parents: Sequence[Individual], n: int, keys: Keys, rng: Generator
) -> list[Individual]:
    """About n children: RandSAT of each offspring CSP, all of one sketch together.

    Both parents of a child are of one sketch; sketches breed in proportion to their parents.
    """
    children: list[Individual] = []
    for index, sketch in enumerate(space.sketches):
        family = [parent for parent in parents if parent.sketch == index]
        share = round(n * len(family) / len(parents))
        if family and share:
            values = [space.values(member, keys[index]) for member in family]
            inherited = [_inherited(values, keys[index], rng) for _ in range(share)]
            rows = sketch.problem.sample_each(rng, inherited)
            children += [Individual(index, row) for row in rows if row is not None]
    return children


def _inherited(
    family: Sequence[Mapping[str, int]], keys: Sequence[str], rng: Generator
) -> list[In]:
    """The constraints that two random parents add: crossover, then mutation."""
    first, second = (family[p] for p in rng.integers(len(family), size=2))
    return mutate(crossover(first, second, keys), rng)
