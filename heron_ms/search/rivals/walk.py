"""FlexTensor's exploration (ASPLOS 2020) over our CSP: the P-method, which tries every direction.

Random solutions are measured first. Then a start is drawn from the heap of measured points, and its
neighbours are measured: every direction of every subspace, projected onto the constraints
(`heron_ms.search.moves`). A start without an untried neighbour is retired. What FlexTensor does
besides is left to others: it measures local minima again, and stops early.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

import numpy as np
from numpy.random import Generator

from heron_ms.hardware import Machine
from heron_ms.search.moves import Move, moved, subspaces
from heron_ms.search.rivals.guided import Sampling
from heron_ms.search.search_space import Individual, SearchSpace

STEEPNESS = 10.0
"""0.5 as published, which hardly tells programs apart that are within a factor of two of the best,
and does not find a planted optimum there; beyond that factor any value finds it as fast."""

Options = Sequence[dict[int, Individual]]
"""For each subspace of a start its untried neighbours, by number of the direction."""


class AllDirections(Sampling):
    """A walk that measures every neighbour of a start.

    ``warm_up`` random solutions are measured first; ``size`` are measured a round; the larger
    ``steepness``, the rarer is a start that is slower than the best (`Heap`).
    """

    def __init__(self, warm_up: int = 16, size: int = 16, steepness: float = STEEPNESS) -> None:
        super().__init__()
        self.warm_up, self.size, self.steepness = warm_up, size, steepness

    def clone(self) -> AllDirections:
        """With the same settings."""
        return type(self)(self.warm_up, self.size, self.steepness)

    @property
    def batch(self) -> int:
        """As set."""
        return self.size

    def begin(self, space: SearchSpace, rng: Generator, machine: Machine | None = None) -> None:
        """With an empty heap."""
        super().begin(space, rng, machine)
        self._heap, self._told = Heap(self.steepness), 0
        self._subspaces = [subspaces(decisions) for decisions in space.decisions]

    def learn(self) -> None:
        """Offer what was measured since to the heap."""
        measured = list(self.measured.values())
        for individual, seconds in measured[self._told :]:
            self._heap.offer(individual, seconds, self.rng)
            self.arrived(individual, seconds)
        self._told = len(measured)

    def arrived(self, individual: Individual, seconds: float) -> None:
        """A point was measured; infinite seconds are a failure."""

    def steps(self, start: Individual, options: Options) -> list[Individual]:
        """Which of the untried neighbours to measure: all."""
        return [neighbour for subspace in options for neighbour in subspace.values()]

    def propose(self, n: int) -> list[Individual]:
        """Neighbours of starts until there are n; random solutions where the heap has none."""
        proposed: dict[tuple[int, bytes], Individual] = {}
        ready = len(self.measured) >= self.warm_up
        while ready and len(proposed) < n and (start := self._heap.draw(self.rng)) is not None:
            options = self._options(start, proposed)
            if not any(options):
                self._heap.retire(start)
            proposed.update((neighbour.key, neighbour) for neighbour in self.steps(start, options))
        missing = n - len(proposed)
        return [*proposed.values(), *(self.untried(missing) if missing > 0 else ())]

    def _options(self, start: Individual, known: dict[tuple[int, bytes], Individual]) -> Options:
        sketch = start.sketch
        moves: list[Move] = [move for subspace in self._subspaces[sketch] for move in subspace]
        rows = np.repeat(start.row[None], len(moves), axis=0)
        reached = iter(moved(self.space.decisions[sketch], rows, moves, self.rng))
        options: list[dict[int, Individual]] = []
        for subspace in self._subspaces[sketch]:
            untried = {}
            for direction in range(len(subspace)):
                row = next(reached)
                neighbour = None if row is None else Individual(sketch, row)
                if neighbour is not None and self.is_new(neighbour) and neighbour.key not in known:
                    untried[direction] = neighbour
            options.append(untried)
        return options


class Heap:
    """Points that worked, with their seconds E.

    The chance of each falls with its distance from the best: exp(-steepness (E - E_best) / E_best).
    """

    def __init__(self, steepness: float = STEEPNESS) -> None:
        self._steepness = steepness
        self._points: dict[tuple[int, bytes], tuple[Individual, float]] = {}
        self._best = float("inf")

    def offer(self, individual: Individual, seconds: float, rng: Generator) -> None:
        """Take in a point, more likely the faster it is; a failure (infinite) never."""
        self._best = min(self._best, seconds)
        if seconds < float("inf") and rng.random() < self._chance(seconds):
            self._points[individual.key] = (individual, seconds)

    def draw(self, rng: Generator) -> Individual | None:
        """A point at random, if the draw is kept; else the best. None from an empty heap."""
        if not self._points:
            return None
        points = list(self._points.values())
        individual, seconds = points[int(rng.integers(len(points)))]
        if rng.random() < self._chance(seconds):
            return individual
        return min(points, key=lambda point: point[1])[0]

    def retire(self, individual: Individual) -> None:
        """Forget a point that has no neighbour left to try."""
        self._points.pop(individual.key, None)

    def _chance(self, seconds: float) -> float:
        off = (seconds - self._best) / self._best if self._best > 0 else 0.0
        return exp(-self._steepness * off)
