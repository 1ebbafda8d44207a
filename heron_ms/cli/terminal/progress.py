"""A progress bar on stderr: what the search is doing, how far it is, and the best so far."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from heron_ms.budget.budget import UNBOUNDED
from heron_ms.events.kinds import CandidateTried, Event, TaskSettled


def counted(done: int, trials: int) -> str:
    """How many trials there are, and of how many if that is what ends a run."""
    return f"{done} trials" if trials >= UNBOUNDED else f"{done} of {trials} trials"


class SearchProgress:
    """A listener that counts candidates; call `phase` with what is being done."""

    def __init__(self, trials: int, done: int, best: float | None, operations: int) -> None:
        self._best = best
        self._operations = operations
        self._trials, self._done = trials, done
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description:<12}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[count]}"),
            TextColumn("{task.fields[best]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        )
        self._task = self._bar.add_task(
            "preparing", total=None if self._is_open else trials, completed=done, **self._told()
        )

    def __enter__(self) -> SearchProgress:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.update(self._task, description="done" if kind is None else "stopped")
        self._bar.stop()

    def __call__(self, event: Event) -> None:
        """Take in an event of the run."""
        if isinstance(event, CandidateTried) and event.decisions is not None:
            self.result(event.task, event.seconds)
        elif isinstance(event, TaskSettled):
            self.settle(event.seconds)

    def phase(self, words: str) -> None:
        """Say what is being done; once all trials are there, that is one thing whatever it says."""
        finals = "measuring the finalists again"
        self._bar.update(self._task, description=finals if self._bar.finished else words)

    def result(self, task: str, seconds: float | None) -> None:
        """Count one candidate of a task; None for one that failed."""
        if seconds is not None and (self._best is None or seconds < self._best):
            self._best = seconds
        self._done += 1
        self._bar.update(self._task, advance=1, **self._told())

    def settle(self, best: float | None) -> None:
        """Show what the fastest program takes once it was measured again.

        That may have taken the luck out of the best.
        """
        self._best = best
        self._bar.update(self._task, **self._told())

    @property
    def _is_open(self) -> bool:
        """Whether something else than the number of trials ends it."""
        return self._trials >= UNBOUNDED

    def _told(self) -> dict[str, Any]:
        count = f"{self._done}" if self._is_open else f"{self._done}/{self._trials}"
        return {"count": count, "best": self._best_text()}

    def _best_text(self) -> str:
        if self._best is None:
            return "best -"
        return f"best {self._best * 1e3:.6f} ms, {self._operations / self._best / 1e9:.1f} GOP/s"
