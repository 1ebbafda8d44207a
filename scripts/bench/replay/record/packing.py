"""From the journals of the recorder to the files that the tests read, and a table of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from heron_ms.testing.replay import Surrogate
from heron_ms.testing.replay_set import Measured, RecordedSet
from heron_ms.testing.replay_task import Task
from scripts.bench.harness.console import say
from scripts.bench.harness.journal import Journal, Record
from scripts.bench.harness.report import Report
from scripts.bench.replay.record.cases import Case, definition
from scripts.bench.replay.record.settled import counting, median_of

HEAD = ("set", "sketches", "points", "failed", "best us", "median / best", "within 5 %", "KB")
FIT_HEAD = ("surrogate of", "R2", "rank correlation", "median error")


def pack(cases: Sequence[Case], folder: Path, to: Path) -> Report:
    """Write a file for each case that is complete; returns the tables of sets and surrogates."""
    rows, fits = [], []
    for case in cases:
        recorded = _recorded(case, folder)
        if recorded is None:
            continue
        file = to / f"{case.name}.npz"
        recorded.save(file)
        rows.append(_row(recorded, file))
        if not case.full:
            fits.append(_fit(file))
    tables = {"sets": Report.of_table(HEAD, rows)}
    if fits:
        tables["surrogates"] = Report.of_table(FIT_HEAD, fits)
    return Report.joined(tables)


def _recorded(case: Case, folder: Path) -> Any:
    """What the journal of a case holds; None for nothing, and for a full set with gaps."""
    records = Journal(folder / f"{case.name}.jsonl").records()
    if not records:
        say(f"{case.name}: left out, nothing is measured")
        return None
    task = Task.from_json(definition(case, folder))
    kept = list(counting(records).values())
    parts = [_of_sketch(kept, number) for number in range(len(task.knobs))]
    if case.full:
        counts = [sketch.problem.count() or 0 for sketch in task.constrained]
        missing = sum(counts) - sum(map(len, parts))
        if missing:
            say(f"{case.name}: left out, {missing} of {sum(counts)} are not measured")
            return None
    measured = [_measured(task, number, part) for number, part in enumerate(parts)]
    return RecordedSet(task, measured)


def _of_sketch(records: Sequence[Record], number: int) -> list[Record]:
    return sorted(
        (record for record in records if record["sketch"] == number),
        key=lambda record: record["values"],
    )


def _measured(task: Any, number: int, records: Sequence[Record]) -> Any:
    """The medians; every point is completed once, which raises if it breaks its problem."""
    names = task.names(number)
    values = np.array([record["values"] for record in records], np.int64).reshape(-1, len(names))
    task.rows(number, values)
    seconds = [median_of(record) for record in records]
    kinds = np.array([record["kind"] for record in records], np.uint8)
    return Measured(values, np.array(seconds, np.float64), kinds)


def _row(recorded: Any, file: Path) -> tuple[object, ...]:
    every = np.concatenate([part.seconds for part in recorded.measured])
    works = every[np.isfinite(every)]
    best = works.min()
    return (
        recorded.task.name,
        len(recorded.measured),
        len(every),
        len(every) - len(works),
        f"{best * 1e6:.0f}",
        f"{np.median(works) / best:.2f}",
        f"{100 * np.mean(works <= 1.05 * best):.2f} %",
        file.stat().st_size // 1024,
    )


def _fit(file: Path) -> tuple[object, ...]:
    surrogate = Surrogate.load(file)
    error = surrogate.error
    cells = f"{error.r2:.3f}", f"{error.rank_correlation:.3f}", f"{100 * error.relative:.1f} %"
    return surrogate.task.name, *cells
