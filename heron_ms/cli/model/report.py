"""What a tuned model is made of: as tables, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from heron_ms.cli.model.records import TaskRecords
from heron_ms.cli.model.tables import columns, milliseconds, shortened
from heron_ms.models.offloading import Told
from heron_ms.models.permutations import Permutation, summary


@dataclass(frozen=True)
class Report:
    """The tasks with what was measured of each, what was warned of, and what the model takes.

    ``latency`` is that of the compiled model in seconds, None where it was not run.
    ``permutations``: what the model still moves into another order. ``offload``: what is known of
    the kernels of a machine that takes the products of a model, by task. ``estimated``: whether no
    task was run, and a model of the machine says what it takes.
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
    offload: Mapping[str, Told] | None = None
    estimated: bool = False

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
        for fact in self._facts:
            table.add_column(fact, justify="right", no_wrap=True)
        for one in sorted(self.tasks, key=lambda one: -(one.total or 0.0)):
            table.add_row(
                shortened(one.task.name),
                str(one.task.calls),
                one.task.way,
                f"{one.count}{f' ({one.failed} failed)' if one.failed else ''}",
                milliseconds(one.total),
                "-" if one.total is None else f"{one.total / self.total:.1%}",
                *(self._told(one).facts.get(fact, "-") for fact in self._facts),
            )
        return table

    @property
    def _facts(self) -> list[str]:
        """The names of facts of kernels, each once."""
        told = (self.offload or {}).values()
        return list(dict.fromkeys(fact for one in told for fact in one.facts))

    def _told(self, one: TaskRecords) -> Told:
        return (self.offload or {}).get(one.task.name, Told({}, ()))

    def lines(self) -> list[str]:
        """What was tuned, what was left and why, and what all of it takes."""
        timed = [one for one in self.tasks if one.seconds is not None]
        mapped = sum(one.task.mapping is not None for one in self.tasks)
        took = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self.seconds.items())
        of_model = "" if self.latency is None else f"; the model takes {self.latency * 1e3:.4f} ms"
        if self.offload is not None:
            of_model = f"{' (estimated)' if self.estimated else ''}, of what is offloaded"
        ratio = "" if self.ratio is None else f" (ratio {self.ratio:.2f})"
        return [
            *(f"left as it is: {why}" for why in self.untuned),
            *(f"warning: {warning}" for warning in self.warnings),
            *self._without(),
            *self._on_this_cpu(),
            *filter(None, [summary(self.permutations)]),
            f"tasks measured: {len(timed)} of {len(self.tasks)} ({mapped} mapped to an intrinsic), "
            f"{self.measured} trials; {took}",
            f"sum of the tasks {self.total * 1e3:.4f} ms{of_model}{ratio}",
        ]

    def _without(self) -> list[str]:
        """The tasks that have no record, in a line."""
        missing = [one for one in self.tasks if one.seconds is None]
        if self.offload is not None:
            missing = [one for one in missing if one.task.mapping is not None]
        names = [shortened(one.task.name) for one in missing]
        return [f"no record: {', '.join(names)}"] if names else []

    def _on_this_cpu(self) -> list[str]:
        """What is not the machine's where a model is offloaded: tasks, and parts of tasks."""
        if self.offload is None:
            return []
        whole = [one.task.name for one in self.tasks if one.task.name not in self.offload]
        parts = dict.fromkeys(block for told in self.offload.values() for block in told.left)
        return [
            f"on this CPU, not timed: {', '.join(map(shortened, whole)) or 'no task'}",
            f"on this CPU, around the products: {', '.join(parts) or 'nothing'}",
        ]

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
                **({} if self.offload is None else asdict(self._told(one))),
            }
            for one in self.tasks
        ]
        record = {
            **self.settings,
            "pass": self.passed,
            "verdict": self.verdict,
            "latency_ms": None if self.latency is None else self.latency * 1e3,
            "sum_of_tasks_ms": self.total * 1e3,
            "estimated": self.estimated,
            "tasks_to_model": self.ratio,
            "seconds": self.seconds,
            "untuned": list(self.untuned),
            "warnings": list(self.warnings),
            "permutations": list(map(str, self.permutations)),
            "tasks": tasks,
        }
        return json.dumps(record, indent=2) + "\n"
