"""What a tuned model is made of: as tables, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from heron_ms.cli.model.records import TaskRecords
from heron_ms.cli.model.tables import columns, milliseconds, shortened
from heron_ms.models.permutations import Permutation, summary


@dataclass(frozen=True)
class Report:
    """The tasks with what was measured of each, what was warned of, and what the model takes.

    ``latency`` is that of the compiled model in seconds, None where it was not run.
    ``permutations``: what the model still moves into another order.
    """

    tasks: Sequence[TaskRecords]
    seconds: dict[str, float]
    untuned: Sequence[str]
    warnings: Sequence[str]
    settings: dict[str, Any]
    latency: float | None = None
    verdict: str | None = None
    passed: bool = False
    permutations: Sequence[Permutation] = ()

    @property
    def total(self) -> float:
        """Seconds of the tasks that were measured, all calls of them."""
        return sum(one.total or 0.0 for one in self.tasks)

    @property
    def ratio(self) -> float | None:
        """Their sum to what the model takes; None where that or a task was not measured."""
        if self.latency is None or any(one.seconds is None for one in self.tasks):
            return None
        return self.total / self.latency

    @property
    def measured(self) -> int:
        """Candidates measured in all."""
        return sum(one.count for one in self.tasks)

    def table(self) -> Table:
        """A line a task, the longest first; those without a time last."""
        table = columns(
            "task", calls="right", becomes="left", trials="right", ms="right", share="right"
        )
        for one in sorted(self.tasks, key=lambda one: -(one.total or 0.0)):
            table.add_row(
                shortened(one.task.name),
                str(one.task.calls),
                one.task.way,
                f"{one.count}{f' ({one.failed} failed)' if one.failed else ''}",
                milliseconds(one.total),
                "-" if one.total is None else f"{one.total / self.total:.1%}",
            )
        return table

    def lines(self) -> list[str]:
        """What was tuned, what was left and why, and what all of it takes."""
        timed = [one for one in self.tasks if one.seconds is not None]
        mapped = sum(one.task.mapping is not None for one in self.tasks)
        took = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self.seconds.items())
        of_model = "" if self.latency is None else f"; the model takes {self.latency * 1e3:.4f} ms"
        ratio = "" if self.ratio is None else f" (ratio {self.ratio:.2f})"
        return [
            *(f"left as it is: {why}" for why in self.untuned),
            *(f"warning: {warning}" for warning in self.warnings),
            *self._without(),
            *filter(None, [summary(self.permutations)]),
            f"tasks measured: {len(timed)} of {len(self.tasks)} ({mapped} mapped to an intrinsic), "
            f"{self.measured} trials; {took}",
            f"sum of the tasks {self.total * 1e3:.4f} ms{of_model}{ratio}",
        ]

    def _without(self) -> list[str]:
        """The tasks that have no record, in a line."""
        names = [shortened(one.task.name) for one in self.tasks if one.seconds is None]
        return [f"no record: {', '.join(names)}"] if names else []

    def to_json(self) -> str:
        """One object, indented."""
        tasks = [
            {
                "task": one.task.name,
                "calls": one.task.calls,
                "operations": one.task.operations,
                "mapped": one.task.mapping is not None,
                "becomes": one.task.way,
                "trials": one.count,
                "invalid": one.failed,
                "latency_ms": None if one.seconds is None else one.seconds * 1e3,
            }
            for one in self.tasks
        ]
        record = {
            **self.settings,
            "pass": self.passed,
            "verdict": self.verdict,
            "latency_ms": None if self.latency is None else self.latency * 1e3,
            "sum_of_tasks_ms": self.total * 1e3,
            "tasks_to_model": self.ratio,
            "seconds": self.seconds,
            "untuned": list(self.untuned),
            "warnings": list(self.warnings),
            "permutations": list(map(str, self.permutations)),
            "tasks": tasks,
        }
        return json.dumps(record, indent=2) + "\n"
