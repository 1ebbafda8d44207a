"""The best of an objective that costs nothing, found by breeding in bulk.

No strategy under test is used for it, so that what counts as the best known favours none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from heron_ms.csp import In
from heron_ms.mutators import crossover
from heron_ms.search.explorer import distinct
from heron_ms.search.search_space import Individual, SearchSpace

DRAWN, ROUNDS, PARENTS, CHILDREN = 8192, 10, 128, 4
"""Random solutions at the start; then rounds in which each of the parents has some children."""

Seconds = Callable[[Sequence[Individual]], NDArray[np.float64]]


def climbed(
    space: SearchSpace, known: Sequence[Individual], seconds: Seconds, seed: int = 0
) -> list[Individual]:
    """Good individuals, the best that were found among them, in no order."""
    rng = np.random.default_rng(seed)
    population = [*known, *space.sample(DRAWN, rng)]
    for _ in range(ROUNDS):
        unique = distinct(population)
        order = np.argsort(seconds(unique), kind="stable")[:PARENTS]
        best = [unique[at] for at in order]
        population = [*best, *_children(space, best, rng)]
    return population


def _children(
    space: SearchSpace, parents: Sequence[Individual], rng: Generator
) -> list[Individual]:
    """Children of each parent and a random other one of its sketch."""
    children: list[Individual] = []
    for number, sketch in enumerate(space.sketches):
        family = [space.assignment(parent) for parent in parents if parent.sketch == number]
        offspring = [_offspring(first, family, rng) for first in family for _ in range(CHILDREN)]
        rows = sketch.problem.sample_each(rng, offspring) if offspring else []
        children += [Individual(number, row) for row in rows if row is not None]
    return children


def _offspring(first: dict[str, int], family: Sequence[dict[str, int]], rng: Generator) -> list[In]:
    names = list(first)
    keys = [names[at] for at in rng.permutation(len(names))[: int(rng.integers(1, len(names)))]]
    return crossover(first, family[int(rng.integers(len(family)))], keys)
