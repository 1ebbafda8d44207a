"""The analytic prior against finished searches: scores of the records of their databases.

Files are read as they are, not opened as a database: another process may be writing them, and
the order of the lines, which a database does not keep, is the order of the measurements.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heron_ms._tvm import Schedule, ms
from heron_ms.errors import ModelError
from heron_ms.hardware import cpu_for
from heron_ms.interstellar.prior import score
from heron_ms.intrinsics.traces import record_of
from heron_ms.measure.records import seconds_of
from heron_ms.workloads import OPERATORS
from scripts.bench.harness.console import say

WORKLOADS, RECORDS = "database_workload.json", "database_tuning_record.json"


@dataclass(frozen=True)
class Scored:
    """One program's records in the order of measurement.

    ``case`` is its folder below the one that was asked for, ``operator`` the first word of the case
    in it. ``scores``: of the prior, higher is better. ``seconds``: measured. ``left_out``: records
    that failed or that the model cannot read.
    """

    case: str
    operator: str
    scores: list[float]
    seconds: list[float]
    left_out: int


def scored(folder: Path, first: int | None = None) -> Iterator[Scored]:
    """All databases below a folder, by name; of each program the first so many records."""
    for file in sorted(folder.rglob(WORKLOADS)):
        say(file.parent)
        yield from _database(file.parent, str(file.parent.relative_to(folder)), first)


def _database(folder: Path, name: str, first: int | None) -> Iterator[Scored]:
    """A program each of a database that has records."""
    workloads = [ms.database.Workload.from_json(line) for line in _lines(folder / WORKLOADS)]
    records: dict[int, list[Any]] = {}
    for number, body in _lines(folder / RECORDS):
        records.setdefault(number, []).append(body)
    for number, bodies in sorted(records.items()):
        title = name if len(records) == 1 else f"{name} ({number})"
        made = [record_of(e, workloads[number]) for e in bodies[:first]]
        yield _scored(title, made)


def _lines(file: Path) -> list[Any]:
    """The lines of a file but for a last one that is not written to its end."""
    text = file.read_text() if file.is_file() else ""
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def _scored(name: str, records: list[Any]) -> Scored:
    pairs = [(_score(record), seconds_of(record.run_secs)) for record in records]
    known = [(score, time) for score, time in pairs if score is not None and np.isfinite(time)]
    scores, seconds = [score for score, _ in known], [time for _, time in known]
    return Scored(name, _operator(name), scores, seconds, len(pairs) - len(known))


def _score(record: Any) -> float | None:
    """The prior's score of a program as it was before MetaSchedule's postprocessors."""
    schedule = Schedule(record.workload.mod)
    record.trace.apply_to_schedule(schedule, remove_postproc=True)
    try:
        return score(schedule.mod, cpu_for(record.target))
    except ModelError:
        return None


def _operator(name: str) -> str:
    """The operator of the case that a path names; "other" if it names none."""
    words = [part.partition("-")[0] for part in Path(name).parts]
    return next((word for word in words if word in OPERATORS), "other")
