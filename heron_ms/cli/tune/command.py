"""``heron-ms tune``: search, compile the best, check it, measure it again, report."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heron_ms.budget.budget import Budget
from heron_ms.cli.arguments import inputs
from heron_ms.cli.process import clock, interrupt
from heron_ms.cli.process.memory import fitting
from heron_ms.cli.terminal.output import Output, write_to
from heron_ms.cli.terminal.patience import told
from heron_ms.cli.terminal.progress import counted
from heron_ms.cli.tune import records
from heron_ms.cli.tune.check import Verdict
from heron_ms.cli.tune.disturbance import Disturbance
from heron_ms.cli.tune.effort import Effort
from heron_ms.cli.tune.job import Job, job_of
from heron_ms.cli.tune.kernels import weight_used
from heron_ms.cli.tune.last_word import LastWord, last_word, peaks
from heron_ms.cli.tune.limit import limited_by
from heron_ms.cli.tune.report import Report
from heron_ms.cli.tune.search import search
from heron_ms.compiling import scheduled
from heron_ms.errors import UsageError
from heron_ms.events.bus import tell
from heron_ms.events.kinds import Checked
from heron_ms.events.run import recorded
from heron_ms.space_generators.plan import matches
from heron_ms.tensorize import NoMatch
from heron_ms.tune import facts_of
from heron_ms.work_dir import locked, open_database

FAILED = 1


@dataclass(frozen=True)
class Outcome:
    """What came of a job: ``verdict`` is None where nothing ran, or where a signal stopped it."""

    job: Job
    measured: records.Records
    verdict: Verdict | None
    report: Report

    @property
    def interrupted(self) -> bool:
        """Whether a signal stopped it."""
        return self.report.interrupted

    @property
    def words(self) -> str:
        """PASS, or FAIL and why; one line."""
        if self.report.untuned:
            return f"FAIL: {self.report.untuned[0]}"
        if self.verdict is None:
            logs = self.job.work_dir / "logs"
            return f"FAIL: none of {self.measured.count} candidates ran; see {logs}"
        wrong, elements = self.verdict.wrong, self.verdict.elements
        if wrong:
            return f"FAIL: {wrong} of {elements} elements differ from numpy"
        checked = self.verdict.facts.get("checked")
        return f"PASS ({checked})" if checked else "PASS"


def run(args: argparse.Namespace) -> int:
    """Tune an operator as the arguments ask; the exit status."""
    if args.suite is not None or args.only is not None:
        raise UsageError("--suite and --only take no operator: leave one or the other out")
    workload = inputs.workload_of(args)
    work_dir = Path(args.work_dir or Path("build", "tune", workload.name))
    job = job_of(args, workload, work_dir)
    json = None if args.json is None else inputs.writable_file("--json", args.json)
    try:
        return _tell(tuned(job, clock.begun()), json)
    except KeyboardInterrupt:
        print(interruption(job), file=sys.stderr)
        return interrupt.status()


def _tell(outcome: Outcome, json: Path | None) -> int:
    """Print and write what came of a job; the exit status."""
    if outcome.interrupted:
        print(interruption(outcome.job, outcome.measured), file=sys.stderr)
    is_told = outcome.measured.best is not None or not outcome.interrupted
    if is_told:
        Output().print(outcome.report.table())
    status = interrupt.status() if outcome.interrupted else _conclude(outcome)
    if is_told and json is not None:
        write_to("--json", json, outcome.report.to_json())
    return status


def tuned(job: Job, begun: float) -> Outcome:
    """Measure what trials are left, and check the best kernel; on a signal, only what there is.

    begun: when its budget begins, of `time.perf_counter`.
    """
    fitting(job.workload)
    _require_products(job)
    bounds = job.bounds(begun)
    facts = {"written": job.events, **_facts(job, bounds)}
    with locked(str(job.work_dir)), recorded(job.work_dir, **facts) as run:
        outcome = _tuned(job, bounds)
        run.how = "interrupted" if outcome.interrupted else run.how
        return outcome


def _require_products(job: Job) -> None:
    """Raise `UsageError` where a machine that takes products alone takes none of a workload."""
    if job.device.offloads:
        blocks = matches(records.program_of(job.workload, job.machine), job.machine)
        left = [block for block in blocks if isinstance(block, NoMatch)]
        if len(left) == len(blocks):
            raise UsageError(
                f"nothing of {job.workload.name} maps to {job.machine.name}: {left[-1]}: choose "
                "another --dtype, --target or operator"
            )


def _facts(job: Job, bounds: Budget) -> dict[str, Any]:
    return {
        **facts_of(job.target, job.trials, job.seed, None, bounds),
        "subject": job.workload.name,
        "strategy": job.strategy,
        "preset": job.preset,
    }


def _tuned(job: Job, bounds: Budget) -> Outcome:
    before = records.read(_opened(job), job.workload, job.target)
    effort = search(job.workload, job.target, job, before, bounds)
    database = _opened(job) if effort.database is None else effort.database
    measured = records.read(database, job.workload, job.target)
    last = None
    if measured.best is not None and not effort.interrupted:
        last = last_word(job, database, scheduled(measured.best))
        tell(
            Checked(passed=last.verdict.wrong == 0, seconds=last.verdict.seconds, words=last.words)
        )
    report = _report(job, measured, before, effort, last)
    return Outcome(job, measured, None if last is None else last.verdict, report)


@told("reading the work directory")
def _opened(job: Job) -> Any:
    programs = [records.program_of(job.workload, job.machine)["main"]]
    return open_database(str(job.work_dir), programs=programs)


def interruption(job: Job, measured: records.Records | None = None) -> str:
    """What a signal left, as far as it is known, and how to go on."""
    kept = (
        "what was measured is" if measured is None else f"{counted(measured.count, job.trials)} are"
    )
    how = f"{interrupt.words()}: {kept} kept in {job.work_dir}"
    return f"{how}; run the same command again to go on"


def _report(
    job: Job,
    measured: records.Records,
    before: records.Records,
    effort: Effort,
    last: LastWord | None,
) -> Report:
    best = None if measured.best is None else scheduled(measured.best)
    known = () if best is None else peaks(job) if last is None else last.peaks
    return Report(
        case=list(job.workload.case),
        latency=measured.seconds if last is None else last.verdict.seconds,
        operations=job.workload.operations,
        peak=max(known, default=None),
        tried=measured.count + effort.unmaterialised,
        resumed=before.count,
        invalid=measured.failed + effort.unmaterialised,
        seconds=effort.seconds,
        passed=last is not None and last.verdict.wrong == 0 and not effort.warnings.untuned,
        settings=job.settings,
        weight=None if best is None else weight_used(job.workload, best),
        limited_by=None if best is None else limited_by(job.workload, job.machine, best),
        estimated=job.device.estimates,
        interrupted=effort.interrupted,
        untuned=effort.warnings.untuned,
        warnings=effort.warnings.others,
        facts={} if last is None else last.verdict.facts,
        disturbance=_disturbance(job, measured, last),
    )


def _disturbance(job: Job, measured: records.Records, last: LastWord | None) -> Disturbance | None:
    """What disturbed the last word: nothing disturbs an estimate, nor is a server watched."""
    if last is None or not measured.seconds or job.device.estimates or job.servers:
        return None
    return last.disturbance(measured.seconds)


def _conclude(outcome: Outcome) -> int:
    print(outcome.words)
    if outcome.verdict is None:
        return FAILED
    seconds = outcome.verdict.seconds
    print(f"Case {outcome.report.case}, latency {seconds * 1e3:.6f} ms.")
    return 0 if outcome.report.passed else FAILED
