"""What candidates of a run have taken so far, by its events, and what is left to do will take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from heron_ms.events.kinds import BatchBuilt, CandidateTried, Event, TaskFound

FINALISTS, ROUNDS = 4, 3
"""Programs of a task that are measured again in the end, and how often."""

COMPARED, COMPILED = 3.5, 2.0
"""Times to compile a program that a task takes to be compared, and as a part of a model."""

UNKNOWN = 0.2
"""Seconds that building or running a candidate is taken for until there has been one."""

CHECK, CHECKED = 1.5, 8
"""Seconds of a last word: some for the repeats of measurements, and the time to compile as many
programs, which is longer where the machine is busy."""


@dataclass
class Rates:
    """A listener that keeps sums; seconds are means, on this machine as loaded as it is."""

    tasks: int = 0
    tried: Counter[str] = field(default_factory=Counter)
    _building: list[float] = field(default_factory=list)
    _compiling: list[float] = field(default_factory=list)
    _running: list[float] = field(default_factory=list)
    _batches: list[tuple[int, float]] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        """Take in an event."""
        if isinstance(event, TaskFound):
            self.tasks += 1
        elif isinstance(event, BatchBuilt):
            self._batches.append((event.candidates, event.build_seconds))
        elif isinstance(event, CandidateTried) and event.decisions is not None:
            self.tried[event.task] += 1
            self._running += [] if event.run_seconds is None else [event.run_seconds]
            self._compiling += [] if event.build_seconds is None else [event.build_seconds]

    @property
    def building(self) -> float:
        """Of a candidate, several at once counted as such."""
        recent = self._batches[-8:]
        candidates = sum(count for count, _ in recent)
        return sum(took for _, took in recent) / candidates if candidates else UNKNOWN

    @property
    def compiling(self) -> float:
        """Of one program alone."""
        return _mean(self._compiling[-64:])

    @property
    def running(self) -> float:
        """Of measuring a candidate."""
        return _mean(self._running[-64:])

    @property
    def candidate(self) -> float:
        """Of building and measuring a candidate."""
        return self.building + self.running

    def ending(self, phases: Iterable[str], most: float) -> float:
        """Seconds that phases after the search will take, once every task has been measured.

        most: what the finalists may take, of which those that are left over wait for another run.
        """
        took = {name: self._phase(name) for name in phases}
        return sum(took.values()) - max(took.get("finalists", 0.0) - most, 0.0)

    def _phase(self, name: str) -> float:
        if name == "finalists":
            # Where many are about as fast, some more come after the first few.
            several = sum(min(count, FINALISTS) * 1.5 for count in self.tried.values() if count > 1)
            return 0.5 + several * (self.building + ROUNDS * self.running)
        if name == "compare":
            return COMPARED * self.compiling * self.tasks
        if name == "compile":
            return 1.0 + COMPILED * self.compiling * self.tasks
        return CHECK + CHECKED * self.compiling


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else UNKNOWN
