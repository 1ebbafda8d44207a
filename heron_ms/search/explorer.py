"""What every strategy shares, without TVM: which solutions were asked for, and their seconds.

An explorer proposes individuals and learns from seconds; `heron_ms.search.strategy` makes it a
strategy of MetaSchedule, and `heron_ms.testing` runs it on an objective that is known, thousands of
trials a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.random import Generator

from heron_ms.hardware import Machine
from heron_ms.search.search_space import Individual, SearchSpace

ATTEMPTS = 4
"""How often a batch is topped up before fewer are settled for."""


class Explorer:
    """The base of all explorations; a leaf implements `propose` and `clone`.

    ``space``, ``rng`` and ``machine`` are there from `begin` on; ``measured`` holds all individuals
    that were told, by key, with their seconds (infinite for failures).
    """

    space: SearchSpace
    rng: Generator
    machine: Machine | None

    def __init__(self) -> None:
        self.measured: dict[tuple[int, bytes], tuple[Individual, float]] = {}
        self._asked: set[tuple[int, bytes]] = set()

    def clone(self) -> Explorer:
        """One with the same settings that has not begun."""
        raise NotImplementedError

    def propose(self, n: int) -> list[Individual]:
        """Up to n individuals to measure, best first."""
        raise NotImplementedError

    def learn(self) -> None:
        """Take in `measured`, which has grown."""

    @property
    def batch(self) -> int | None:
        """Most individuals of one round; None for as many as there may be."""
        return None

    def begin(self, space: SearchSpace, rng: Generator, machine: Machine | None = None) -> None:
        """Start anew in a space; ``rng`` is the source of every random draw."""
        self.space, self.rng, self.machine = space, rng, machine
        self.measured.clear()
        self._asked.clear()

    def ask(self, n: int) -> list[Individual]:
        """Up to n individuals that were never asked for; fewer where no more are found."""
        asked: list[Individual] = []
        for _ in range(ATTEMPTS):
            missing = n - len(asked)
            if not missing:
                break
            fresh = {
                individual.key: individual
                for individual in self.propose(missing)
                if self.is_new(individual)
            }
            taken = list(fresh.values())[:missing]
            self._asked.update(individual.key for individual in taken)
            asked += taken
        return asked

    def tell(self, individuals: Iterable[Individual], seconds: Iterable[float]) -> None:
        """What individuals took: seconds, infinite for a program that failed."""
        for individual, took in zip(individuals, seconds, strict=True):
            self._asked.add(individual.key)
            self.measured[individual.key] = (individual, float(took))
        if self.measured:
            self.learn()

    def is_new(self, individual: Individual) -> bool:
        """Whether an individual was never asked for or told."""
        return individual.key not in self._asked

    def importance(self) -> dict[str, float]:
        """How much its model goes by each variable, by name; empty without one."""
        return {}

    def fastest(self, n: int) -> list[Individual]:
        """The best measured, best first, failures left out."""
        ordered = sorted(self.measured.values(), key=lambda pair: pair[1])
        return [individual for individual, seconds in ordered[:n] if np.isfinite(seconds)]


def distinct(individuals: Sequence[Individual]) -> list[Individual]:
    """Each once, in their order."""
    return list({individual.key: individual for individual in individuals}.values())
