"""What a database holds of each task of a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from heron_ms._tvm import Target
from heron_ms.measure.records import records_for, seconds_of
from heron_ms.models.tasks import Task


@dataclass(frozen=True)
class TaskRecords:
    """A task, how many candidates were measured, and the seconds of a call of the fastest."""

    task: Task
    count: int
    failed: int
    seconds: float | None

    @property
    def total(self) -> float | None:
        """Seconds of all calls in one of the model."""
        return None if self.seconds is None else self.seconds * self.task.calls


def read(database: Any, tasks: Sequence[Task], target: Target) -> list[TaskRecords]:
    """Of each task, in their order."""
    return [_read(database, task, target) for task in tasks]


def _read(database: Any, task: Task, target: Target) -> TaskRecords:
    records = records_for(database, task.func, target)
    times = [seconds_of(record.run_secs) for record in records]
    running = [time for time in times if np.isfinite(time)]
    return TaskRecords(task, len(times), len(times) - len(running), min(running, default=None))
