"""Measured tasks out of the databases of finished searches.

Files are read as they are, not opened as a database: another process may be writing them. Every
trace is turned back into a sketch and an assignment of its CSP, so that nothing but what
MetaSchedule records is needed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import ms
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.csp import Problem
from heron_ms.database.damage import by_file
from heron_ms.database.files import RECORDS
from heron_ms.database.reading import Reading, read
from heron_ms.errors import TransferError, is_ctrl_c
from heron_ms.hardware import for_target
from heron_ms.intrinsics.traces import record_of
from heron_ms.measure.records import seconds_of
from heron_ms.sketch import Sketch, trace_key

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class MeasuredTask:
    """What was measured of one program on one target, in order.

    ``sketches`` [programs] are numbers of ``problems``; ``rows`` int64 [programs][variables] the
    assignments; ``seconds`` float64 [programs], infinite for failures.
    """

    name: str
    problems: Sequence[Problem]
    sketches: Sequence[int]
    rows: Sequence[NDArray[np.int64]]
    seconds: NDArray[np.float64]


def read_tasks(folders: Iterable[Path]) -> Iterator[MeasuredTask]:
    """The tasks of all databases in and below some folders.

    Lines that cannot be used and records whose trace states no CSP that holds them are left out,
    with a warning. Raises `TransferError` for a folder without a database, `WorkDirError` for a
    file that cannot be read.
    """
    for folder in folders:
        files = sorted(folder.rglob(RECORDS))
        if not files:
            raise TransferError(f"{folder} holds no {RECORDS}: name the work directory of a tuning")
        for file in files:
            yield from _tasks(file.parent)


def _tasks(folder: Path) -> Iterator[MeasuredTask]:
    """A task for each program and target of one database."""
    reading = read(folder)
    for file, words in by_file(reading.damage).items():
        logger.warning("%s: left out: %s", folder / file, words)
    try:
        records = _records(reading)
    except (ValueError, TypeError, RuntimeError) as error:  # lines of another version of TVM
        raise TransferError(f"the database in {folder} is broken: {error}") from error
    for (number, _), some in records.items():
        yield _task(f"{folder} ({number})", some)


def _records(reading: Reading) -> dict[tuple[int, str], list[Any]]:
    """The records of each workload, by its number, and target."""
    texts = [line and json.loads(line.body) for line in reading.workloads]
    workloads = [text and ms.database.Workload.from_json(text) for text in texts]
    records: dict[tuple[int, str], list[Any]] = {}
    for number, body in (json.loads(line.body) for line in reading.records):
        record = record_of(body, workloads[number])
        records.setdefault((number, str(record.target)), []).append(record)
    return records


def _task(name: str, records: Sequence[Any]) -> MeasuredTask:
    sketches: dict[str, ConstrainedSketch | None] = {}
    kept: list[tuple[str, NDArray[np.int64], float]] = []
    for record in records:
        key = trace_key(record.trace)
        if key not in sketches:
            sketches[key] = _constrained(record)
        row = _row(sketches[key], record)
        if row is not None:
            kept.append((key, row, seconds_of(record.run_secs)))
    if len(kept) < len(records):
        logger.warning("%s: %d records without a CSP", name, len(records) - len(kept))
    keys = [key for key, sketch in sketches.items() if sketch is not None]
    return MeasuredTask(
        name,
        [sketch.problem for sketch in sketches.values() if sketch is not None],
        [keys.index(key) for key, _, _ in kept],
        [row for _, row, _ in kept],
        np.array([seconds for _, _, seconds in kept], dtype=np.float64),
    )


def _constrained(record: Any) -> ConstrainedSketch | None:
    """The sketch of a record's trace; None where no rule can read it."""
    trace = record.trace.simplified(remove_postproc=True)
    try:
        return constrain(Sketch(record.workload.mod, trace), for_target(record.target))
    except (NotImplementedError, RuntimeError, ValueError) as error:
        if is_ctrl_c(error):
            raise
        logger.warning("a trace that cannot be read: %s", str(error).splitlines()[-1])
        return None


def _row(sketch: ConstrainedSketch | None, record: Any) -> NDArray[np.int64] | None:
    assignment = None if sketch is None else sketch.assignment_of(record.trace)
    if sketch is None or assignment is None:
        return None
    return np.array([assignment[name] for name in sketch.problem.names], dtype=np.int64)
