"""``heron-ms tune``: search, compile the best, check it exactly, measure it again, report."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from heron_ms._tvm import Target
from heron_ms.cli import inputs, records
from heron_ms.cli.check import Verdict, check
from heron_ms.cli.report import Report
from heron_ms.cli.searching import Effort, search
from heron_ms.errors import TargetError
from heron_ms.hardware import Machine
from heron_ms.measure.peak import vnni_peak
from heron_ms.tune import open_database
from heron_ms.workloads import Gemm

FAILED, INTERRUPTED = 1, 130


@dataclass(frozen=True)
class Job:
    """What is to be tuned, all of it checked."""

    gemm: Gemm
    machine: Machine
    trials: int
    work_dir: Path
    seed: int | None
    preset: str
    json: Path | None

    @property
    def target(self) -> Target:
        """The machine as TVM takes it."""
        return Target(self.machine.target())

    @property
    def case(self) -> list[int]:
        """The sizes in the paper's order."""
        return [self.gemm.m, self.gemm.k, self.gemm.n]


def run(args: argparse.Namespace) -> int:
    """Tune as the arguments ask; the exit status."""
    job = _job(args)
    database = open_database(str(job.work_dir))
    before = records.read(database, job.gemm, job.target)
    effort, stopped = search(job.gemm, job.target, job, before)
    found = records.read(open_database(str(job.work_dir)), job.gemm, job.target)
    if stopped:
        return _interrupted(job, found, before, effort)
    verdict = None
    if found.best is not None:
        kernel = records.compile_record(found.best, job.target)
        verdict = check(kernel, job.gemm, job.machine.cores)
    report = _report(job, found, before, effort, verdict)
    _show(job, report)
    return _conclude(job, found, verdict)


def _job(args: argparse.Namespace) -> Job:
    gemm = inputs.gemm_of(args)
    trials = inputs.trials_of(args.trials)
    seed = None if args.seed is None else inputs.at_least("--seed", args.seed, 0)
    machine = inputs.runnable(args.target, args.cores)
    case = f"gemm-{gemm.m}x{gemm.k}x{gemm.n}-{gemm.weight}-{args.dtype}"
    work_dir = inputs.accessible(Path(args.work_dir or Path("build", "tune", case)))
    json = None if args.json is None else inputs.writable_file("--json", args.json)
    return Job(gemm, machine, trials, work_dir, seed, args.preset, json)


def _report(
    job: Job,
    found: records.Records,
    before: records.Records,
    effort: Effort,
    verdict: Verdict | None,
) -> Report:
    settings = {
        **asdict(job.gemm),
        "mcpu": job.machine.mcpu,
        "cores": job.machine.cores,
        "trials": job.trials,
        "seed": job.seed,
        "preset": job.preset,
        "work_dir": str(job.work_dir),
    }
    return Report(
        case=job.case,
        latency=found.seconds if verdict is None else verdict.seconds,
        operations=job.gemm.operations,
        peak=_peak(job),
        tried=found.count + effort.unmaterialised,
        resumed=before.count,
        invalid=found.failed + effort.unmaterialised,
        seconds=effort.seconds,
        passed=verdict is not None and verdict.wrong == 0,
        settings=settings,
    )


def _peak(job: Job) -> float | None:
    try:
        return vnni_peak(job.target, threads=job.machine.cores)
    except TargetError:  # `--target host` on a CPU without the instruction
        return None


def _show(job: Job, report: Report) -> None:
    Console().print(report.table())
    if job.json is not None:
        job.json.write_text(report.to_json())


def _conclude(job: Job, found: records.Records, verdict: Verdict | None) -> int:
    if verdict is None:
        print(f"FAIL: none of {found.count} candidates ran; see {job.work_dir / 'logs'}")
        return FAILED
    wrong = f"FAIL: {verdict.wrong} of {verdict.elements} elements differ from numpy"
    print(wrong if verdict.wrong else "PASS")
    print(f"Case {job.case}, latency {verdict.seconds * 1e3:.6f} ms.")
    return FAILED if verdict.wrong else 0


def _interrupted(job: Job, found: records.Records, before: records.Records, effort: Effort) -> int:
    print(
        f"interrupted: {found.count} of {job.trials} trials are kept in {job.work_dir}; run the "
        "same command again to go on",
        file=sys.stderr,
    )
    if found.best is not None:
        _show(job, _report(job, found, before, effort, None))
    return INTERRUPTED
