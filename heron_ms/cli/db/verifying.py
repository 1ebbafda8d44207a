"""``heron-ms db verify``: the best records are built anew, run, and compared with their programs.

Each in a process beside this one: a program that ends its process, or never returns, is wrong.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable

from heron_ms._tvm import Target, ms
from heron_ms.cli.db.reading import entries_of, machine_of, short
from heron_ms.cli.model.tables import milliseconds
from heron_ms.cli.terminal.patience import told
from heron_ms.errors import NoRecordError, TargetError, last_line
from heron_ms.hardware import require_runnable
from heron_ms.intrinsics.traces import record_of
from heron_ms.measure.cpu.builder import initializer
from heron_ms.measure.cpu.workers import Worker
from heron_ms.measure.devices import device_for
from heron_ms.measure.entries import Entry, best, distinct
from heron_ms.models.trust import objection_to

SECONDS = 300.0
"""That building, running and comparing a record may take."""
WRONG = 1

Check = Callable[[Entry], str | None]


def run(args: argparse.Namespace) -> int:
    """Print a line for each record that is checked; the exit status, 1 if one is wrong.

    Raises `NoRecordError` where there is none to check.
    """
    entries = best(distinct(entries_of(args)), args.best)
    if not entries:
        folders = ", ".join(args.folders)
        raise NoRecordError(
            f"no record of {folders} ran, so there is nothing to verify: tune first"
        )
    worker = Worker(initializer({}))
    try:
        verdicts = [_verdict(entry, worker) for entry in entries]
    finally:
        worker.close()
    right, wrong = verdicts.count("right"), verdicts.count("WRONG")
    left = len(verdicts) - right - wrong
    print(f"{'FAIL' if wrong else 'PASS'}: {right} right, {wrong} wrong, {left} of other machines")
    return WRONG if wrong else 0


def _verdict(entry: Entry, worker: Worker) -> str:
    """Whether it is "right", "WRONG", or "not checked"; printed, with what it is about."""
    where = f"{entry.folder} {short(entry.task)} ({machine_of(entry.target)})"
    try:
        require_runnable(Target(json.loads(entry.target)))
        why = _objection(entry, worker, where)
        verdict = "right" if why is None else "WRONG"
    except TargetError:
        verdict, why = "not checked", "this CPU cannot run it"
    print(f"{verdict}: {where}, {milliseconds(entry.seconds)} ms{f': {why}' if why else ''}")
    return verdict


def _objection(entry: Entry, worker: Worker, where: str) -> str | None:
    with told(f"checking {where}"):
        try:
            texts = (entry.workload.body, entry.record.body)
            answer: str | None = worker.run(objection_to_texts, texts, SECONDS)
        except TimeoutError:
            answer = f"it did not return within {SECONDS:.0f} seconds"
        except Exception as error:  # the process ended
            answer = last_line(error)
    return answer


def objection_to_texts(workload: bytes, record: bytes) -> str | None:
    """What speaks against a record, in this process; None for a right one."""
    program = ms.database.Workload.from_json(json.loads(workload))
    loaded = record_of(json.loads(record)[1], program)
    return objection_to(loaded, device_for(loaded.target), loaded.target)
