"""What candidates of a run have taken so far, by its events, and what is left to do will take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from heron_ms.budget.standing import UNKNOWN, Standing
from heron_ms.events.kinds import (
    BatchBuilt,
    CandidateTried,
    Event,
    PhaseEnded,
    TaskFound,
    TaskSettled,
)

ROUNDS, LUCKY = 3, 1.5
"""How often a finalist is measured; where many are about as fast, more come after the first few."""

COMPARED, COMPILED = 2.2, 0.9
"""Times to compile its program that a task takes to be compared, and as a part of a model."""

READ = 2.5e-6
"""Seconds to read a byte of the records, which TVM does once finalists have changed some."""

LINKING = 1.0
"""Seconds to make a library of a model that is compiled."""

CHECK, CHECKED = 0.5, 2
"""Seconds of a last word: some for the repeats of measurements, and the time to compile as many
programs, which is longer where the machine is busy."""

MANY, LEAST, MOST = 10, 5.0, 30.0
"""A candidate that takes so many times as long as others is given up; seconds before which it is
not, as its worker may have to start first, and after which it is in any case."""


@dataclass
class Rates:
    """A listener that keeps sums; seconds are means, on this machine as loaded as it is.

    ``written``: how many bytes of records there are.
    """

    written: Callable[[], int] = lambda: 0
    _tasks: defaultdict[str, Standing] = field(default_factory=lambda: defaultdict(Standing))
    _names: dict[str, str] = field(default_factory=dict)
    _built: float = 0.0
    _compiled: float = 0.0

    def __call__(self, event: Event) -> None:
        """Take in an event."""
        if isinstance(event, CandidateTried) and event.decisions is not None:
            self._compiled += event.build_seconds or 0.0
            self._tasks[event.task].take(event)
        elif isinstance(event, BatchBuilt):
            self._built += event.build_seconds
        elif isinstance(event, TaskFound):
            self._names[event.workload] = event.task
        elif isinstance(event, TaskSettled):
            self._tasks[self._names.get(event.workload, event.workload)].settle(event.seconds)
        elif isinstance(event, PhaseEnded) and event.phase == "compare":
            for task in self._tasks.values():
                task.is_compared = True

    @property
    def tasks(self) -> int:
        """How many there are."""
        return len(self._names)

    @property
    def tried(self) -> int:
        """Candidates so far."""
        return sum(task.tried for task in self._tasks.values())

    def candidate(self, name: str) -> float:
        """Of building and measuring one more of a task, several built at once counted as such."""
        known = [self._tasks[name]] if self._tasks[name].tried else self._tried
        if not known:
            return 2 * UNKNOWN
        return sum(map(self._whole, known)) / len(known)

    def _whole(self, task: Standing) -> float:
        # What the first batch takes is longer: its workers start.
        at_once = min(1.0, self._built / self._compiled) if self._compiled else 1.0
        return at_once * task.compiling + task.running

    @property
    def _tried(self) -> list[Standing]:
        return [task for task in self._tasks.values() if task.tried]

    @property
    def patience(self) -> float:
        """What a candidate may take to be built, or to run."""
        longest = max((max(task.compiling, task.running) for task in self._tried), default=MOST)
        return min(MOST, max(LEAST, MANY * longest))

    def ending(self, phases: Iterable[str], most: float) -> float:
        """Seconds that phases after the search will take, once every task has been measured.

        most: what the finalists may take, of which those that are left over wait for another run.
        """
        took = {name: self._phase(name) for name in phases}
        read = READ * self.written()
        return read + sum(took.values()) - max(took.get("finalists", 0.0) - most, 0.0)

    def _phase(self, name: str) -> float:
        if name == "finalists":
            return sum(LUCKY * task.finalists * self._again(task) for task in self._tried)
        if name == "compare":
            return COMPARED * self._compiling(t for t in self._all if not t.is_compared)
        if name == "compile":
            return LINKING + COMPILED * self._compiling(self._all)
        return CHECK + CHECKED * self._compiling(self._all) / max(self.tasks, 1)

    def _again(self, task: Standing) -> float:
        return self._whole(task) + (ROUNDS - 1) * task.running

    @property
    def _all(self) -> list[Standing]:
        """Those too of which there was no candidate yet."""
        names = self._names.values()
        return [self._tasks[name] for name in names] or list(self._tasks.values())

    def _compiling(self, tasks: Iterable[Standing]) -> float:
        return sum(task.compiling for task in tasks)
