"""How many candidates a task may have next, so that all is done when the time is up.

What is left of the time halves with every batch, so a wrong guess of what a batch takes costs half
of itself: the last batches are small. Before a task has been measured it gets its share of half of
the time, so that all tasks get some before any gets many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter

from heron_ms.budget.budget import UNBOUNDED, Budget
from heron_ms.budget.rates import MOST, Rates
from heron_ms.events.kinds import CandidateTried, Event, TaskSettled

FIRST = 8
"""Candidates of the first batch of a run, which tells what one takes."""


LAST = 4
"""Candidates of the last batches."""

FINALISTS_SHARE = 0.15
"""Of the time, for finalists: those of all tasks of a model may take longer than the search."""

WORTH, STARTS = 0.03, 1.5
"""Of the time, and times that a search takes to start: what is less is left over."""


@dataclass
class Pace:
    """A listener; ``goal``: seconds of a program that are enough; ``phases``: that come after.

    ``trials``: candidates at most; MetaSchedule only looks whether there are enough after a batch.
    """

    budget: Budget
    goal: float | None = None
    phases: tuple[str, ...] = ()
    trials: int = UNBOUNDED
    best: float = float("inf")
    rates: Rates = field(default_factory=Rates)
    _overheads: list[float] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _begun: float | None = None
    _starting: float = 0.0

    def __call__(self, event: Event) -> None:
        """Take in an event."""
        self.rates(event)
        if isinstance(event, CandidateTried) and event.seconds is not None:
            self.best = min(self.best, event.seconds)
        elif isinstance(event, TaskSettled):
            self.best = float("inf") if event.seconds is None else event.seconds

    @property
    def is_reached(self) -> bool:
        """Whether a program is fast enough."""
        return self.goal is not None and self.best <= self.goal

    @property
    def left(self) -> float:
        """Seconds that are left to search in."""
        return self.budget.left - self._ending(self.phases)

    def _ending(self, phases: Sequence[str]) -> float:
        return self.rates.ending(phases, FINALISTS_SHARE * (self.budget.seconds or float("inf")))

    @property
    def searching(self) -> float:
        """Seconds that a batch takes beside building and running."""
        recent = self._overheads[-8:]
        return sum(recent) / len(recent) if recent else 1.0

    def allowed(self, task: str) -> int:
        """Candidates that a task may have now; none where its search is to end."""
        most = self.trials - self.tried
        if self.is_reached or most <= 0:
            return 0
        left = self.left
        if left == float("inf"):
            return most
        fit = int((self._most(task, left) - self.searching) / self.rates.candidate(task))
        # To be scheduled unmeasured takes a task longer than one candidate does.
        least = int(task not in self._seen and self.budget.left > 0)
        self._seen.add(task)
        return min(most, max(least, fit if self._overheads else min(fit, FIRST)))

    def _most(self, task: str, left: float) -> float:
        """Seconds that the next batch of a task may take."""
        if task not in self._seen and self.rates.tasks > 1:
            return left / 2 / self.rates.tasks
        # At the end half of it is less than what a batch takes anyway.
        return max(left / 2, min(left, self.searching + LAST * self.rates.candidate(task)))

    @property
    def tried(self) -> int:
        """Candidates so far."""
        return self.rates.tried

    @property
    def patience(self) -> float:
        """Seconds that a candidate may take to be built, or to run."""
        return MOST if self.budget.seconds is None else self.rates.patience

    def begin(self) -> None:
        """A search begins: what goes by until its first batch is made is what it takes to start."""
        self._begun = perf_counter()

    def is_worth_more(self) -> bool:
        """Whether so much time is left, after the finalists, that the search may go on."""
        least = max(WORTH * (self.budget.seconds or 0.0), STARTS * self._starting)
        return least < self.left < float("inf")

    def has_time(self) -> bool:
        """Whether more finalists may be measured, beside what comes after."""
        return self.budget.left > self._ending(self.phases[1:])

    def searched(self, seconds: float) -> None:
        """A batch took so long to make; the next one is expected to take as long."""
        self._overheads.append(seconds)
        if self._begun is not None:
            self._starting, self._begun = perf_counter() - self._begun, None

    def learned(self, seconds: float) -> None:
        """Learning from the last batch took so long besides."""
        if self._overheads:
            self._overheads[-1] += seconds
