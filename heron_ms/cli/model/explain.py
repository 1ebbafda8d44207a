"""``heron-ms explain MODEL``: every task, its work, what becomes of it, what is moved."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.table import Table

from heron_ms.cli.model.loading import counted, imported_for, tasks_found
from heron_ms.cli.model.tables import columns, output, shortened
from heron_ms.hardware import resolve
from heron_ms.models.permutations import permutations, summary
from heron_ms.models.tasks import Task


def run(args: argparse.Namespace) -> int:
    """Print the tasks; the exit status."""
    machine = resolve(args.target)
    model = imported_for(machine, Path(args.model), args.shape, args.allow)
    tasks = tasks_found(model, machine)
    inputs = ", ".join(f"{one.name} {'x'.join(map(str, one.shape))}" for one in model.inputs)
    print(f"{model.source} ({inputs}) on {machine.name} ({machine.summary})")
    work = sum(task.operations for task in tasks)
    mapped = sum(task.operations for task in tasks if task.mapping is not None)
    share = mapped / work if work else 0.0
    output().print(_table(tasks, work))
    calls = sum(task.calls for task in tasks)
    print(
        f"tasks: {counted(tasks)}, called {calls} times, {work / 1e6:.3f} MOP in all; "
        f"{share:.1%} of that maps"
    )
    if left := summary(permutations(model.fused)):
        print(left)
    return 0


def _table(tasks: list[Task], work: int) -> Table:
    table = columns("task", calls="right", MOP="right", share="right", becomes="left")
    for task in tasks:
        part = task.operations / work if work else 0.0
        table.add_row(
            shortened(task.name),
            str(task.calls),
            f"{task.operations / 1e6:.3f}",
            f"{part:.1%}",
            task.way if task.mapping is None else str(task.mapping).partition(": ")[2],
        )
    return table
