"""Soundness of the constraints: random assignments, and whether each is the program it stands for.

For GEMM of many shapes and for every other operator, each layout of the data and of B, u8 x s8 and
s8 x s8: every assignment must materialise with exactly its decisions, have the loops, buffers and
registers that its variables say, every variable compared with something, pass the postprocessors
and lower; some are built, run and compared with numpy too. Where this CPU lacks an instruction of
the machine, these have in its place what the intrinsic is described to compute. The exit status is
1 if anything failed.
"""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, as_completed
from contextlib import nullcontext
from typing import Any, TypeAlias

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from heron_ms._tvm import IRModule, Target
from heron_ms.hardware import cpu_named, for_target, host, known_machines
from heron_ms.testing import Checker, spread
from heron_ms.testing.described import by_description
from heron_ms.workloads import DTYPES
from scripts.bench.claims.soundness.cases import (
    LAYOUTS,
    OPERATORS,
    WEIGHTS,
    Case,
    cases_of,
    of_record,
)
from scripts.bench.harness.console import say
from scripts.bench.harness.journal import Journal, Record
from scripts.bench.harness.options import add_seed, at_least
from scripts.bench.harness.processes import fresh_pool
from scripts.bench.harness.report import Report
from scripts.bench.harness.targets import executes
from scripts.bench.harness.trials import Candidate, Trials

COLUMNS = ("materialised", "decisions", "loops", "accepted", "lowered", "memory", "measured")
HEAD = ("operator, sizes, layouts", "assignments", *COLUMNS, "built", "exact", "failures", "s")
Program: TypeAlias = tuple[int, Any, Any]
"""A sketch, an assignment of it, and the module that they make."""

CORES = 2
KEPT, SHOWN = 10, 2
"""Failures of a case that are written down, and that are printed."""


def check(case: Case) -> Record:
    """Check a case; the record holds counts and the first failures."""
    started = time.monotonic()
    workload, target = case.workload(), _target(case.mcpu)
    checker = Checker(IRModule({"main": workload.prim_func()}), target)
    counts: Counter[str] = Counter()
    failures: list[Record] = []
    candidates: list[tuple[int, Any]] = []
    chosen = spread(checker.sketches, case.assignments, np.random.default_rng(case.seed))
    # What no intrinsic is worth is left to stock's rules, of which nothing is claimed here.
    chosen = chosen if _is_tensorized(checker) else []
    for sketch, assignment in chosen:
        report = checker.check(sketch, assignment)
        counts.update(report.passed)
        counts["measured"] += not report.failures and not report.unmeasured
        why = [
            *report.failures,
            *(f"measured: {variable} is not" for variable in report.unmeasured),
        ]
        if why:
            failures.append({"sketch": sketch, "assignment": assignment, "why": why})
        elif len(candidates) < case.built:
            candidates.append((sketch, assignment))
    here = executes(target)
    with nullcontext() if here else by_description(for_target(target)):
        programs = [_program(checker, *candidate) for candidate in candidates]
    runs = target if here else Target(host().target(CORES))
    built, exact = _execute(workload, runs, programs, failures)
    return {
        **case.identity,
        "drawn": len(chosen),
        "passed": {name: counts[name] for name in COLUMNS},
        "executed": built,
        "exact": exact,
        "failed": len(failures),
        "failures": failures[:KEPT],
        "seconds": time.monotonic() - started,
    }


def _target(mcpu: str) -> Target:
    """Of a described machine, or of this one by its name alone."""
    if mcpu in known_machines("cpu"):
        return Target(cpu_named(mcpu).target(CORES))
    return Target({"kind": "llvm", "mcpu": mcpu, "num-cores": CORES})


def _is_tensorized(checker: Any) -> bool:
    insts = [inst for checked in checker.sketches for inst in checked.sketch.trace.insts]
    return any(str(inst.kind.name) == "Tensorize" for inst in insts)


def _program(checker: Checker, sketch: int, assignment: Any) -> Program:
    """A sound assignment once more, with whatever the intrinsics' names stand for now."""
    schedule = checker.check(sketch, assignment).schedule
    assert schedule is not None, "an assignment that was sound a moment ago"
    return sketch, assignment, schedule.mod


def _execute(
    workload: Any, target: Any, candidates: Sequence[Program], failures: list[Record]
) -> tuple[int, int]:
    """How many of the candidates build, and how many of these compute what numpy computes."""
    if not candidates:
        return 0, 0
    trials = Trials(workload, target, seed=7, timeout=120.0)
    try:
        verdicts = trials.judge([Candidate(module) for _, _, module in candidates])
    finally:
        trials.close()
    for (sketch, assignment, _), verdict in zip(candidates, verdicts, strict=True):
        if not verdict.right:
            why = [f"execution: {verdict.why}"]
            failures.append({"sketch": sketch, "assignment": assignment, "why": why})
    built = sum(verdict.built for verdict in verdicts)
    return built, sum(bool(verdict.right) for verdict in verdicts)


def options(parser: ArgumentParser) -> None:
    """Which cases, and how many assignments of each."""
    add = parser.add_argument
    add("--assignments", type=at_least(1), default=1000, metavar="N",
        help="checked in each case (default 1000)")  # fmt: skip
    add("--built", type=at_least(0), default=32, metavar="N",
        help="built and run in each case (default 32)")  # fmt: skip
    add("--operator", choices=("gemm", *OPERATORS), action="append", help="default: all")
    add("--shape", type=int, nargs="+", action="append", metavar="SIZE",
        help="of the one --operator, in the paper's order")  # fmt: skip
    add("--layout", choices=LAYOUTS, action="append", help="of the data; default: all")
    add("--weight", choices=WEIGHTS, action="append", help="layout of B; default: all")
    add("--dtype", choices=tuple(DTYPES), action="append", help="default: u8s8, s8s8")
    add("--target", choices=known_machines("cpu"), metavar="CPU",
        help="default: this one, or cascadelake where it has no AVX512-VNNI")  # fmt: skip
    add("--jobs", type=at_least(1), default=1, metavar="N", help="cases at a time (default 1)")
    add_seed(parser)


def run(arguments: Namespace) -> Report:
    """Checks all cases. Raises SystemExit for sizes of no one operator."""
    if arguments.shape and len(arguments.operator or ()) != 1:
        raise SystemExit("--shape goes with one --operator, whose sizes it is")
    cases = _cases(arguments)
    journal = Journal(arguments.out / "cases.jsonl")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    records: list[Record] = []
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task("cases", total=len(cases))
        for record in finished(cases, journal, arguments.jobs):
            records.append(record)
            failed = sum(done["failed"] for done in records)
            progress.update(task, advance=1, description=f"cases, {failed} failures")
    sound = not any(record["failed"] for record in records)
    table = Report.of_table(HEAD, map(row, records), _note(records), sound)
    return Report.joined({"rows": table, "totals": _totals(records)})


def finished(cases: Sequence[Case], journal: Journal, jobs: int) -> Iterator[Record]:
    """The records of all cases, those of an earlier run first."""
    open_cases = []
    for case in cases:
        record = journal.find(case.identity)
        if record is None:
            open_cases.append(case)
        else:
            yield record
    for record in _measured(open_cases, jobs):
        journal.append(record)
        yield record


def _measured(cases: Sequence[Case], jobs: int) -> Iterator[Record]:
    if jobs == 1:
        yield from map(check, cases)
        return
    with fresh_pool(jobs) as pool:
        futures: list[Future[Record]] = [pool.submit(check, case) for case in cases]
        for future in as_completed(futures):
            yield future.result()


def _cases(arguments: Namespace) -> list[Case]:
    here = host()
    cpu = arguments.target or (here.mcpu if here.has("avx512vnni") else "cascadelake")
    if not executes(_target(cpu)):
        say(f"This CPU lacks instructions of {cpu}: what is run has their descriptions instead.")
    return cases_of(arguments, cpu)


def row(record: Record) -> list[object]:
    """A case's row of the table."""
    passed = [record["passed"][name] for name in COLUMNS]
    numbers = [record["drawn"], *passed, record["executed"], record["exact"], record["failed"]]
    return [of_record(record).title, *numbers, f"{record['seconds']:.0f}"]


def _totals(records: Sequence[Record]) -> Report:
    """How many cases of each operator there were, and what became of their assignments."""
    head = ("operator", "cases", "assignments", "built and run", "failures")
    named = ((of_record(record).operator, record) for record in records)
    return Report.of_sums(head, named, ("drawn", "executed", "failed"))


def _note(records: Sequence[Record]) -> str:
    """How many failed, and the first failures of each case."""
    total, failed = (sum(record[name] for record in records) for name in ("drawn", "failed"))
    failures = [
        f"{of_record(record).title}: {failure['why']}, sketch {failure['sketch']}, "
        f"{failure['assignment']}"
        for record in records
        for failure in record["failures"][:SHOWN]
    ]
    return "\n".join([f"{total} assignments, {failed} failures.", *failures])
