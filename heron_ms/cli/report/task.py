"""What the events say of a task: how it began, how it stands, what was tried and learned."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from heron_ms.cli.report.roof import Roof
from heron_ms.events.reading import Row, of_kind


@dataclass
class Task:
    """Seconds are of one call: ``first`` of the first program that ran, ``best`` of the fastest.

    ``best`` is what the finalists say once they were measured again. ``roof`` is in GOP/s.
    """

    name: str
    calls: int = 1
    operations: int = 0
    bytes: int = 0
    dtype: str = ""
    intrinsic: str | None = None
    mapping: str | None = None
    why: str | None = None
    roof: float | None = None
    sketches: int = 0
    tried: int = 0
    failed: int = 0
    first: float | None = None
    best: float | None = None
    left: str | None = None
    importance: dict[str, float] = field(default_factory=dict)

    @property
    def gops(self) -> float | None:
        """Billions of operations a second of the fastest program."""
        return None if not self.best or not self.operations else self.operations / self.best / 1e9

    @property
    def share(self) -> float | None:
        """Of the roof."""
        return None if self.gops is None or not self.roof else self.gops / self.roof

    @property
    def intensity(self) -> float | None:
        """Operations a byte of its arguments."""
        return self.operations / self.bytes if self.operations and self.bytes else None

    @property
    def total(self) -> float:
        """Seconds of all calls; none of one that was not measured."""
        return (self.best or 0.0) * self.calls

    def record(self) -> dict[str, Any]:
        """All of it, by name; ready for JSON."""
        return {**asdict(self), "gops": self.gops, "share_of_roof": self.share}


def tasks_of(rows: Sequence[Row]) -> list[Task]:
    """The tasks of all runs, those that take the most time of a call of the whole first."""
    roof, tasks, sketches = Roof.of(rows), _found(rows), set[tuple[str, str]]()
    names = {row["workload"]: row["task"] for row in of_kind(rows, "task")}
    for row in rows:
        name = row.get("task") or names.get(row.get("workload", ""))
        if name is None:
            continue
        task = tasks.setdefault(name, Task(name))
        _take_in(task, row)
        if row["event"] == "sketch" and (name, row["sketch"]) not in sketches:
            sketches.add((name, row["sketch"]))
            task.sketches += 1
    for task in tasks.values():
        task.roof = roof.over(task.dtype, task.intensity) if task.intensity else None
    return sorted(tasks.values(), key=lambda task: (-task.total, -task.operations * task.calls))


def _found(rows: Sequence[Row]) -> dict[str, Task]:
    same = ("calls", "operations", "bytes", "dtype", "intrinsic", "mapping", "why")
    return {
        row["task"]: Task(row["task"], **{name: row[name] for name in same})
        for row in of_kind(rows, "task")
    }


def _take_in(task: Task, row: Row) -> None:
    if row["event"] == "candidate":
        _try(task, row)
    elif row["event"] == "settled":
        task.best = row["seconds"]
    elif row["event"] == "model":
        task.importance = json.loads(row["importance"])
    elif row["event"] == "left":
        task.left = row["error"]


def _try(task: Task, row: Row) -> None:
    task.tried += 1
    task.failed += row["failure"] is not None
    if row["seconds"] is not None:
        task.first = row["seconds"] if task.first is None else task.first
        task.best = min(row["seconds"], task.best or row["seconds"])
