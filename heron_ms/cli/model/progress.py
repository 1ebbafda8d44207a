"""A progress bar over the trials of all tasks, which says of which task and how many are left."""

from __future__ import annotations

from collections.abc import Sequence

from heron_ms.cli.model.records import TaskRecords
from heron_ms.cli.terminal.progress import SearchProgress
from heron_ms.events.kinds import Event, SpaceMade


class ModelProgress(SearchProgress):
    """Knows the best of each task, and how many of them have a space."""

    def __init__(self, trials: int, before: Sequence[TaskRecords]) -> None:
        self._seconds = {one.task.name: one.seconds for one in before}
        self._calls = {one.task.name: one.task.calls for one in before}
        self._prepared: set[str] = set()
        super().__init__(trials, sum(one.count for one in before), None, 0)

    def __call__(self, event: Event) -> None:
        """Take in an event of the run."""
        if isinstance(event, SpaceMade) and event.task in self._seconds:
            self.sketched(event.task)
        super().__call__(event)

    def sketched(self, task: str) -> None:
        """Say that the sketches of a task are made."""
        self._prepared.add(task)
        self.phase(f"sketches of task {len(self._prepared)}/{len(self._seconds)}")

    def result(self, task: str, seconds: float | None) -> None:
        """Count one candidate of a task; None for one that failed."""
        best = self._seconds.get(task)
        if seconds is not None and (best is None or seconds < best):
            self._seconds[task] = seconds
        super().result(task, None)

    def _best_text(self) -> str:
        """How many tasks have a time, and their sum."""
        times = [
            seconds * self._calls.get(name, 1)
            for name, seconds in self._seconds.items()
            if seconds is not None
        ]
        return f"{len(times)}/{len(self._seconds)} tasks, {sum(times) * 1e3:.4f} ms"
