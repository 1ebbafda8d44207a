"""A progress bar over the trials of all tasks, which says of which task and how many are left."""

from __future__ import annotations

from collections.abc import Sequence

from heron_ms.cli.model.records import TaskRecords
from heron_ms.cli.terminal.progress import SearchProgress


class ModelProgress(SearchProgress):
    """Call `task` with the one that is being searched, besides what its base wants to know."""

    def __init__(self, trials: int, before: Sequence[TaskRecords]) -> None:
        self._seconds = {one.task.name: one.seconds for one in before}
        self._calls = {one.task.name: one.task.calls for one in before}
        self._current = ""
        self._prepared: list[str] = []
        super().__init__(trials, sum(one.count for one in before), None, 0)

    def sketching(self, name: str) -> None:
        """Say that the sketches of a task are being made."""
        if name in self._seconds and name not in self._prepared:
            self._prepared.append(name)
        self.phase(f"sketches of task {len(self._prepared)}/{len(self._seconds)}")

    def task(self, name: str) -> None:
        """Say which task the next candidates are of."""
        self._current = name

    def result(self, seconds: float | None) -> None:
        """Count one candidate of the current task; None for one that failed."""
        best = self._seconds.get(self._current)
        if seconds is not None and (best is None or seconds < best):
            self._seconds[self._current] = seconds
        super().result(None)

    def _best_text(self) -> str:
        """How many tasks have a time, and their sum."""
        times = [
            seconds * self._calls.get(name, 1)
            for name, seconds in self._seconds.items()
            if seconds is not None
        ]
        return f"{len(times)}/{len(self._seconds)} tasks, {sum(times) * 1e3:.4f} ms"
