"""FlexTensor's heap of measured points, from which a walk takes its starts."""

from __future__ import annotations

from math import exp

from numpy.random import Generator

from heron_ms.search.space import Individual

STEEPNESS = 10.0
"""0.5 as published, which hardly tells programs apart that are within a factor of two of the best,
and does not find a planted optimum there; beyond that factor any value finds it as fast."""


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
        return min(points, key=lambda each: each[1])[0]

    def retire(self, individual: Individual) -> None:
        """Forget a point that has no neighbour left to try."""
        self._points.pop(individual.key, None)

    def _chance(self, seconds: float) -> float:
        off = (seconds - self._best) / self._best if self._best > 0 else 0.0
        return exp(-self._steepness * off)
