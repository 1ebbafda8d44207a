"""``heron-ms tune-model``: search, compile, compare the outputs, time the whole, report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms.budget.budget import Budget
from heron_ms.cli.arguments import inputs
from heron_ms.cli.model import records
from heron_ms.cli.model.job import Job, job_of
from heron_ms.cli.model.loading import counted
from heron_ms.cli.model.records import TaskRecords
from heron_ms.cli.model.report import Report
from heron_ms.cli.model.search import search
from heron_ms.cli.model.tables import output
from heron_ms.cli.model.verdict import Verdict, checked, judged
from heron_ms.cli.process import clock, interrupt
from heron_ms.cli.terminal.output import write_to
from heron_ms.cli.terminal.patience import working
from heron_ms.cli.terminal.progress import counted as trials_told
from heron_ms.cli.tune.effort import Effort
from heron_ms.cli.tune.heeding import heeded
from heron_ms.events.bus import phase, tell
from heron_ms.events.kinds import Checked
from heron_ms.events.run import Run, recorded
from heron_ms.measure.cpu.pool import run_with_threads
from heron_ms.models.exporting import compiled_model, export
from heron_ms.models.inputs import plain_inputs
from heron_ms.models.library import open_library
from heron_ms.models.offloading import offloaded
from heron_ms.models.permutations import permutations
from heron_ms.models.remote import RemoteModel
from heron_ms.models.timing import latency
from heron_ms.tune import facts_of
from heron_ms.work_dir import locked, open_database

FAILED = 1
CALLS = 30
"""Calls of the tuned model that are timed in the end."""


def run(args: argparse.Namespace) -> int:
    """Tune a model as the arguments ask; the exit status."""
    json = None if args.json is None else inputs.writable_file("--json", args.json)
    job = job_of(args)
    print(f"tasks found: {counted(job.tasks)}", file=sys.stderr, flush=True)
    try:
        return _tuned(job, args.tolerance, json)
    except KeyboardInterrupt:
        print(_interruption(job), file=sys.stderr)
        return interrupt.status()


def _tuned(job: Job, tolerance: float | None, json: Path | None) -> int:
    bounds = job.bounds(clock.begun())
    facts = {"written": job.events, **_facts(job, bounds)}
    with locked(str(job.work_dir)), recorded(job.work_dir, **facts) as run:
        job.settings.write(job.work_dir, job.source.name)
        return _in_run(job, run, bounds, tolerance, json)


def _facts(job: Job, bounds: Budget) -> dict[str, Any]:
    return {
        **facts_of(job.target, job.trials, job.seed, None, bounds),
        "subject": job.source.name,
        "strategy": job.strategy,
        "preset": job.preset,
    }


def _in_run(job: Job, run: Run, bounds: Budget, tolerance: float | None, json: Path | None) -> int:
    before = records.read(_opened(job), job.tasks, job.target)
    effort = search(job, before, bounds)
    database = _opened(job) if effort.database is None else effort.database
    report = _report(job, records.read(database, job.tasks, job.target), effort)
    if effort.interrupted:
        print(_interruption(job, report), file=sys.stderr)
    else:
        report = _concluded(job, report, tolerance, database)
    _tell(report, json)
    if effort.interrupted:
        run.how = "interrupted"
        return interrupt.status()
    print(report.verdict)
    return 0 if report.passed else FAILED


def _tell(report: Report, json: Path | None) -> None:
    output().print(report.table())
    for line in report.lines():
        print(line)
    if json is not None:
        write_to("--json", json, report.to_json())


def _concluded(job: Job, report: Report, tolerance: float | None, database: Any) -> Report:
    """The report with what the whole model takes, and whether it is right; or how to go on."""
    if job.share is not None:
        told = (
            f"share {job.share} is tuned: once all are, join them with `heron-ms db merge DIR... "
            f"-o NEW`, and run this with --work-dir NEW and without --share"
        )
        return replace(report, verdict=told, passed=not report.untuned)
    if job.device.offloads:
        return _offloaded(job, report, tolerance, database)
    with heeded() as heard:
        verdict, times = (_here if job.servers is None else _there)(job, tolerance, database)
        tell(Checked(passed=verdict.passed, seconds=median(times), words=verdict.words))
    return replace(
        report,
        latency=median(times),
        verdict=verdict.words,
        passed=verdict.passed,
        warnings=[*report.warnings, *heard.others],
    )


def _offloaded(job: Job, report: Report, tolerance: float | None, database: Any) -> Report:
    """The report of a model whose products a machine takes: nobody knows what the whole takes."""
    with phase("compile"), working(f"compiling {job.model.source}"):
        made = offloaded(job.model, database, job.machine)
    with phase("check"):
        verdict = judged(job.model, job.source, tolerance, None, made.outputs)
    tell(Checked(passed=verdict.passed, seconds=None, words=verdict.words))
    return replace(
        report,
        offload=made.told(),
        estimated=job.device.estimates,
        verdict=verdict.words,
        passed=verdict.passed,
    )


def _here(job: Job, tolerance: float | None, database: Any) -> tuple[Verdict, list[float]]:
    """The verdict on the library of the model on this CPU, and the seconds of calls."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.so"
        with phase("compile"), working(f"compiling {job.model.source}"):
            export(job.model, database, job.machine, path, job.source)
        library, cores = open_library(path), job.machine.cores
        with phase("check"):
            verdict = checked(library, job.model, job.source, tolerance, None, cores)
            return verdict, run_with_threads(cores, lambda: latency(library, _inputs(job), CALLS))


def _there(job: Job, tolerance: float | None, database: Any) -> tuple[Verdict, list[float]]:
    """The same of the model on a server."""
    assert job.servers is not None
    with phase("compile"), working(f"compiling {job.model.source}"):
        compiled, _ = compiled_model(job.model, database, job.machine, job.source)
        model = RemoteModel(job.servers, compiled, job.target)
    with phase("check"):
        verdict = judged(job.model, job.source, tolerance, None, model.outputs)
        return verdict, model.latency(_inputs(job), CALLS)


def _inputs(job: Job) -> list[NDArray[Any]]:
    return plain_inputs(job.model.inputs, np.random.default_rng())


def _report(job: Job, measured: Sequence[TaskRecords], effort: Effort) -> Report:
    heard = effort.warnings
    left = permutations(job.model.fused)
    return Report(
        measured,
        effort.seconds,
        heard.untuned,
        heard.others,
        job.record(),
        permutations=left,
    )


@working("reading the work directory")
def _opened(job: Job) -> Any:
    return open_database(str(job.work_dir), programs=[task.func for task in job.tasks])


def _interruption(job: Job, report: Report | None = None) -> str:
    """What a signal left, as far as it is known, and how to go on."""
    kept = (
        "what was measured is"
        if report is None
        else f"{trials_told(report.measured, job.trials)} are"
    )
    how = f"{interrupt.words()}: {kept} kept in {job.work_dir}"
    return f"{how}; run the same command again to go on"
