"""``heron-ms tune``: search, compile the best, check it, measure it again, report."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from heron_ms.cli import inputs, records
from heron_ms.cli.check import Verdict, check
from heron_ms.cli.job import Job, job_of
from heron_ms.cli.kernels import compiled, scheduled, weight_used
from heron_ms.cli.limit import limited_by
from heron_ms.cli.output import write_to
from heron_ms.cli.parser import UsageError
from heron_ms.cli.report import Report
from heron_ms.cli.searching import Effort, search
from heron_ms.errors import TargetError
from heron_ms.measure.peak import vnni_peak
from heron_ms.work_dir import open_database

FAILED, INTERRUPTED = 1, 130


@dataclass(frozen=True)
class Outcome:
    """What came of a job: ``verdict`` is None where nothing ran, or where Ctrl-C stopped it."""

    job: Job
    found: records.Records
    verdict: Verdict | None
    report: Report

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C stopped it."""
        return self.report.interrupted

    @property
    def words(self) -> str:
        """PASS, or FAIL and why; one line."""
        if self.verdict is None:
            logs = self.job.work_dir / "logs"
            return f"FAIL: none of {self.found.count} candidates ran; see {logs}"
        wrong, elements = self.verdict.wrong, self.verdict.elements
        return f"FAIL: {wrong} of {elements} elements differ from numpy" if wrong else "PASS"


def run(args: argparse.Namespace) -> int:
    """Tune an operator as the arguments ask; the exit status."""
    if args.suite is not None or args.only is not None:
        raise UsageError("--suite and --only take no operator: leave one or the other out")
    workload = inputs.workload_of(args)
    work_dir = Path(args.work_dir or Path("build", "tune", workload.name))
    job = job_of(args, workload, work_dir)
    json = None if args.json is None else inputs.writable_file("--json", args.json)
    outcome = tuned(job)
    if outcome.interrupted:
        print(interruption(outcome), file=sys.stderr)
    is_told = outcome.found.best is not None or not outcome.interrupted
    if is_told:
        Console().print(outcome.report.table())
    status = INTERRUPTED if outcome.interrupted else _conclude(outcome)
    if is_told and json is not None:
        write_to("--json", json, outcome.report.to_json())
    return status


def tuned(job: Job) -> Outcome:
    """Measure what trials are left, and check the best kernel; on Ctrl-C, only what there is."""
    programs = [records.program_of(job.workload)["main"]]
    database = open_database(str(job.work_dir), programs=programs)
    before = records.read(database, job.workload, job.target)
    effort = search(job.workload, job.target, job, before)
    found = records.read(open_database(str(job.work_dir)), job.workload, job.target)
    verdict = None
    if found.best is not None and not effort.interrupted:
        kernels = compiled(scheduled(found.best), job.target)
        ahead = kernels if kernels.packers else None
        verdict = check(kernels.whole, job.workload, job.machine.cores, ahead)
    report = _report(job, found, before, effort, verdict)
    return Outcome(job, found, verdict, report)


def interruption(outcome: Outcome) -> str:
    """What Ctrl-C left, and how to go on."""
    job, count = outcome.job, outcome.found.count
    return (
        f"interrupted: {count} of {job.trials} trials are kept in {job.work_dir}; run the same "
        "command again to go on"
    )


def _report(
    job: Job,
    found: records.Records,
    before: records.Records,
    effort: Effort,
    verdict: Verdict | None,
) -> Report:
    best = None if found.best is None else scheduled(found.best)
    return Report(
        case=list(job.workload.case),
        latency=found.seconds if verdict is None else verdict.seconds,
        operations=job.workload.operations,
        peak=None if best is None else _peak(job),
        tried=found.count + effort.unmaterialised,
        resumed=before.count,
        invalid=found.failed + effort.unmaterialised,
        seconds=effort.seconds,
        passed=verdict is not None and verdict.wrong == 0,
        settings=job.settings,
        weight=None if best is None else weight_used(job.workload, best),
        limited_by=None if best is None else limited_by(job.workload, job.machine, best),
        interrupted=effort.interrupted,
    )


def _peak(job: Job) -> float | None:
    if not job.workload.dtypes.integer:  # of another instruction, which nothing measures yet
        return None
    try:
        return vnni_peak(job.target, threads=job.machine.cores)
    except TargetError:  # `--target host` on a CPU without the instruction
        return None


def _conclude(outcome: Outcome) -> int:
    print(outcome.words)
    if outcome.verdict is None:
        return FAILED
    seconds = outcome.verdict.seconds
    print(f"Case {outcome.report.case}, latency {seconds * 1e3:.6f} ms.")
    return FAILED if outcome.verdict.wrong else 0
