"""What a work directory says was measured, and what it holds."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TypeAlias

from heron_ms._tvm import ms
from heron_ms.errors import EventsError, NoRecordError
from heron_ms.events.kinds import WRONG
from heron_ms.events.reading import of_kind, read_events
from heron_ms.intrinsics.traces import record_of
from heron_ms.measure.entries import Entry, contents_of
from heron_ms.measure.telling import sketch_id, workload_id
from heron_ms.sketch import sampling

Candidate: TypeAlias = tuple[str, str, str]
"""The workload, the sketch, and the decisions as JSON."""


def reported(work_dir: Path) -> Counter[Candidate]:
    """The candidates that runs said they measured, and how often; nothing before there are any."""
    try:
        rows = read_events(work_dir)
    except EventsError:
        return Counter()
    workloads = {row["task"]: row["workload"] for row in of_kind(rows, "task")}
    return Counter(
        (workloads[row["task"]], row["sketch"], row["decisions"])
        for row in of_kind(rows, "candidate")
        if row["decisions"] is not None and row["failure"] != WRONG
    )


def held(work_dir: Path) -> Counter[Candidate]:
    """The candidates that have a record, and how many."""
    try:
        entries = contents_of([work_dir]).entries
    except NoRecordError:
        return Counter()
    return Counter(map(_candidate, entries))


def _candidate(entry: Entry) -> Candidate:
    workload = _workload(entry.workload.body)
    row = json.loads(entry.record.body)[1]
    trace = record_of(row, workload).trace
    decisions = [_plain(trace.get_decision(inst)) for inst in sampling(trace)]
    return workload_id(workload.mod), sketch_id(trace), json.dumps(decisions)


@cache
def _workload(body: bytes) -> ms.database.Workload:
    return ms.database.Workload.from_json(json.loads(body))


def _plain(decision: object) -> object:
    return [int(part) for part in decision] if hasattr(decision, "__iter__") else int(str(decision))
