"""Objectives without noise: what a candidate takes is looked up or predicted, never measured.

    objective = load(recorded_sets()["gemm-packed-full"])
    batch = objective.space.sample(64, rng)
    seconds = objective.seconds(batch)

A set that holds every solution makes a `RecordedObjective`, a sample a `Surrogate`. Both are a
`Replay`, so that a comparison of strategies takes either. For what tunes through MetaSchedule see
`heron_ms.testing.replay_measure`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import Trace
from heron_ms.search.search_space import Individual, SearchSpace
from heron_ms.testing.replay_climb import climbed
from heron_ms.testing.replay_fit import FitError, cross_validated, fit
from heron_ms.testing.replay_set import RecordedSet
from heron_ms.testing.replay_task import RecordedSetError, Task

Self = TypeVar("Self", bound="Replay")


class Replay(ABC):
    """Seconds of the individuals of a recorded space; the same each time."""

    def __init__(self, recorded: RecordedSet) -> None:
        self.recorded = recorded
        self.space = SearchSpace(recorded.task.constrained)

    @classmethod
    def load(cls: type[Self], path: Path) -> Self:
        """The objective of a file of `RecordedSet.save`. Raises `RecordedSetError` for another."""
        return cls(RecordedSet.load(path))

    @property
    def task(self) -> Task:
        """The program, its sketches and their problems."""
        return self.recorded.task

    @property
    @abstractmethod
    def best(self) -> float:
        """The least seconds that are known of the space."""

    @abstractmethod
    def seconds(self, individuals: Sequence[Individual]) -> NDArray[np.float64]:
        """Seconds, float64 [individuals]; infinite for one that fails to build or run.

        Raises `RecordedSetError` for an individual that is not known.
        """

    def of_trace(self, trace: Trace) -> float | None:
        """Seconds of a trace of one of the sketches; None for one that is not in the space."""
        individual = self.space.individual(trace)
        return None if individual is None else float(self.seconds([individual])[0])

    @cached_property
    def measured(self) -> tuple[list[Individual], NDArray[np.float64]]:
        """What was recorded: individuals, and the seconds of each, infinite for failures."""
        individuals = [
            Individual(sketch, row)
            for sketch, part in enumerate(self.recorded.measured)
            for row in self.task.rows(sketch, part.values)
        ]
        return individuals, np.concatenate([part.seconds for part in self.recorded.measured])


class RecordedObjective(Replay):
    """A space that was measured in full, as it was measured.

    Raises `RecordedSetError` for a set that is a sample.
    """

    def __init__(self, recorded: RecordedSet) -> None:
        super().__init__(recorded)
        if not self.task.full:
            raise RecordedSetError(f"{self.task.name} is a sample of its space: use Surrogate")
        individuals, seconds = self.measured
        keys = [individual.key for individual in individuals]
        self._known = dict(zip(keys, seconds.tolist(), strict=True))

    @property
    def best(self) -> float:
        """The least of all."""
        return self.recorded.best

    def seconds(self, individuals: Sequence[Individual]) -> NDArray[np.float64]:
        """See `Replay.seconds`."""
        try:
            return np.array([self._known[individual.key] for individual in individuals], np.float64)
        except KeyError as error:
            raise RecordedSetError(f"{self.task.name} does not hold a point asked for") from error


class Surrogate(Replay):
    """Gradient-boosted trees fitted to a random sample of a space, in place of measuring it.

    They predict seconds from `heron_ms.cost_model.Features`, the variables on a log scale, and are
    fitted when this is made (`heron_ms.testing.replay_fit`). ``error`` says how far they are off.
    Failures are left out: every individual of the space gets finite seconds.
    """

    def __init__(self, recorded: RecordedSet) -> None:
        super().__init__(recorded)
        individuals, seconds = self.measured
        works = np.isfinite(seconds)
        self._features = self.space.matrix(individuals)[works]
        self._seconds = seconds[works]
        self._fitted = fit(self._features, self._seconds)

    @cached_property
    def best(self) -> float:
        """The least that a search of the surrogate's own found; another search may find less."""
        return float(np.min(self.seconds(climbed(self.space, self.measured[0], self.seconds))))

    @cached_property
    def error(self) -> FitError:
        """How far predictions are off on parts of the sample that were left out of the fit."""
        return cross_validated(self._features, self._seconds)

    def seconds(self, individuals: Sequence[Individual]) -> NDArray[np.float64]:
        """See `Replay.seconds`; raises nothing."""
        return self._fitted.seconds(self.space.matrix(individuals))


def load(path: Path) -> Replay:
    """The objective of a recorded set, whichever kind it allows. Raises what `Replay.load` does."""
    recorded = RecordedSet.load(path)
    return RecordedObjective(recorded) if recorded.task.full else Surrogate(recorded)
