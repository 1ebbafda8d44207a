"""``heron-ms tune --suite``: every case of a suite, each in a folder of its own.

A case that passed leaves ``result.json`` in its folder and is not measured again; one that fails
does not stop the others.
"""

from __future__ import annotations

import argparse
import json
import sys
import traceback
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

from heron_ms.budget.budget import UNBOUNDED
from heron_ms.cli.arguments import inputs
from heron_ms.cli.process import interrupt
from heron_ms.cli.terminal.output import write_to
from heron_ms.cli.tune.command import FAILED, tuned
from heron_ms.cli.tune.job import Job, job_of
from heron_ms.cli.tune.rows import HEADER, row, summary
from heron_ms.database.files import replace_file
from heron_ms.errors import UsageError

_RESULT = "result.json"

Record = dict[str, Any]


def run(args: argparse.Namespace) -> int:
    """Tune the cases of a suite; the exit status: 1 if a case failed."""
    jobs = _jobs(args)
    file = None if args.json is None else inputs.writable_file("--json", args.json)
    results: list[Record] = []
    print(HEADER, flush=True)
    try:
        _tune(jobs, results)
        print(summary(results))
        return 0 if all(result["pass"] for result in results) else FAILED
    except KeyboardInterrupt:
        print(_interruption(jobs, results), file=sys.stderr)
        return interrupt.status()
    finally:
        if file is not None:
            write_to("--json", file, json.dumps(results, indent=2) + "\n")


def _jobs(args: argparse.Namespace) -> list[Job]:
    cases = inputs.cases_of(args)
    if args.emit is not None:
        raise UsageError("--emit takes one operator: leave --suite or --emit out")
    folder = Path(args.work_dir or Path("build", "tune", args.suite))
    # What is checked is the same for all: a suite has one type of operands.
    first = job_of(args, cases[0], inputs.accessible(folder))
    return [replace(first, workload=case, work_dir=folder / case.name) for case in cases]


def _interruption(jobs: list[Job], results: list[Record]) -> str:
    """What a signal left, and how to go on."""
    left = jobs[min(len(results), len(jobs) - 1)].work_dir
    return (
        f"{interrupt.words()}: {len(results)} of {len(jobs)} cases are finished and what was "
        f"measured of the next is kept in {left}; run the same command again to go on"
    )


def _tune(jobs: list[Job], results: list[Record]) -> None:
    """Append the record of each case; raises KeyboardInterrupt once what was measured is kept."""
    for number, job in enumerate(jobs, 1):
        result = _finished(job)
        if result is None:
            print(f"[{number}/{len(jobs)}] {job.workload.name}", file=sys.stderr, flush=True)
            result = _attempt(job)
        results.append(result)
        print(row(result), flush=True)


def _finished(job: Job) -> Record | None:
    """The result of an earlier run with as much effort on this machine, if it passed."""
    file = job.work_dir / _RESULT
    if not file.is_file():
        return None
    try:
        result: Record = json.loads(file.read_text())
        asked = {"workload": job.workload.name, **job.machine.facts}
        same = all(result[name] == value for name, value in asked.items())
        return result if result["pass"] and same and _is_as_much(result, job) else None
    except (ValueError, KeyError, TypeError):  # cut short by a kill
        return None


def _is_as_much(result: Record, job: Job) -> bool:
    """Whether as many trials were spent, or the same budget was."""
    if job.trials == UNBOUNDED:
        ends = (result.get("trials"), result.get("budget"), result.get("until"))
        return bool(ends == (None, job.budget, job.until))
    return bool((result["trials"] or result["tried"]) >= job.trials)


def _attempt(job: Job) -> Record:
    """The record of a case, whatever goes wrong with it."""
    try:
        outcome = tuned(job, perf_counter())
        result = {**outcome.report.record(), "why": outcome.words.removeprefix("FAIL: ")}
        if not outcome.interrupted:
            replace_file(job.work_dir / _RESULT, json.dumps(result, indent=2).encode() + b"\n")
            return result
    except Exception as error:
        return _broken(job, error)
    raise KeyboardInterrupt


def _broken(job: Job, error: Exception) -> Record:
    """The record of a case that ended in an error; where it came from goes to its folder."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    log = job.work_dir / "logs" / "error.txt"
    with suppress(OSError):  # the disk may be what failed
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(traceback.format_exc())
    return {**job.settings, "case": list(job.workload.case), "pass": False, "why": lines[-1]}
