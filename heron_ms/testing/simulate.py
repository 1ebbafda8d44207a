"""Runs an explorer on an objective that is known: a search of hundreds of trials in a second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from heron_ms.hardware import Machine
from heron_ms.search.explorer import Explorer
from heron_ms.search.search_space import Individual, SearchSpace

PER_ROUND = 64
"""Most candidates of a round, as in MetaSchedule's ``num_trials_per_iter``."""


class Known(Protocol):
    """A space, and the seconds of its individuals."""

    @property
    def space(self) -> SearchSpace:
        """What is searched."""
        ...

    def seconds(self, individuals: Sequence[Individual]) -> NDArray[np.float64]:
        """How long each runs, float64 [individuals]."""
        ...


@dataclass(frozen=True)
class Run:
    """What a search measured: individuals in order, and seconds, float64 [trials]."""

    individuals: tuple[Individual, ...]
    seconds: NDArray[np.float64]

    @property
    def best(self) -> NDArray[np.float64]:
        """The least seconds after each trial, float64 [trials]."""
        return np.minimum.accumulate(self.seconds)


def simulate(
    explorer: Explorer, objective: Known, trials: int, seed: int, machine: Machine | None = None
) -> Run:
    """Search an objective as MetaSchedule would, for so many trials or until nothing is proposed.

    ``machine`` is for explorers that start from the analytic model; without one they cannot.
    """
    explorer = explorer.clone()
    explorer.begin(objective.space, np.random.default_rng(seed), machine)
    individuals: list[Individual] = []
    seconds: list[float] = []
    while len(individuals) < trials:
        wanted = min(explorer.batch or PER_ROUND, PER_ROUND, trials - len(individuals))
        asked = explorer.ask(wanted)
        if not asked:
            break
        told = objective.seconds(asked)
        explorer.tell(asked, told)
        individuals += asked
        seconds += told.tolist()
    return Run(tuple(individuals), np.array(seconds))
