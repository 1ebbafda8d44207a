"""Soundness of the constraints: random assignments, and whether each is the program it stands for.

For GEMM of many shapes and for every other operator, each layout of the data and of B, u8 x s8 and
s8 x s8: every assignment must materialise with exactly its decisions, have the loops, buffers and
registers that its variables say, every variable compared with something, pass the postprocessors
and lower; some are built, run and compared with numpy too. Prints a Markdown table; the exit status
is 1 if anything failed. A killed run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from common import Journal, Record, markdown, say
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from soundness_cases import LAYOUTS, OPERATORS, WEIGHTS, Case, cases_of, of_record

COLUMNS = ("materialised", "decisions", "loops", "accepted", "lowered", "memory", "measured")
HEAD = ("operator, sizes, layouts", "assignments", *COLUMNS, "built", "exact", "failures", "s")
KEPT, SHOWN = 10, 2
"""Failures of a case that are written down, and that are printed."""


def run(case: Case) -> Record:
    """Check a case; the record holds counts and the first failures."""
    import numpy as np

    from heron_ms._tvm import IRModule, Target
    from heron_ms.testing import Checker, spread

    started = time.monotonic()
    workload = case.workload()
    target = Target({"kind": "llvm", "mcpu": case.mcpu, "num-cores": 2})
    checker = Checker(IRModule({"main": workload.prim_func()}), target)
    counts: Counter[str] = Counter()
    failures: list[Record] = []
    candidates = []
    chosen = spread(checker.sketches, case.assignments, np.random.default_rng(case.seed))
    # What no intrinsic is worth is left to stock's rules, of which nothing is claimed here.
    chosen = chosen if _is_tensorized(checker) else []
    for sketch, assignment in chosen:
        report = checker.check(sketch, assignment)
        counts.update(report.passed)
        counts["measured"] += not report.failures and not report.unmeasured
        why = [*report.failures, *(f"measured: {each} is not" for each in report.unmeasured)]
        if why:
            failures.append({"sketch": sketch, "assignment": assignment, "why": why})
        elif len(candidates) < case.built and report.schedule is not None:
            candidates.append((sketch, assignment, report.schedule.mod))
    built, exact = _execute(workload, target, candidates, failures)
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


def _is_tensorized(checker: Any) -> bool:
    insts = [inst for each in checker.sketches for inst in each.sketch.trace.insts]
    return any(str(each.kind.name) == "Tensorize" for each in insts)


def _execute(
    workload: Any, target: Any, candidates: Sequence[tuple[int, Any, Any]], failures: list[Record]
) -> tuple[int, int]:
    """How many of the candidates build, and how many of these compute what numpy computes."""
    from candidates import Candidate, Trials

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
    return sum(each.built for each in verdicts), sum(each.right for each in verdicts)


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
        yield from map(run, cases)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        futures: list[Future[Record]] = [pool.submit(run, case) for case in cases]
        for future in as_completed(futures):
            yield future.result()


def _cases(args: argparse.Namespace) -> list[Case]:
    from heron_ms.hardware import host

    here = host().has("avx512vnni")
    if not here:
        say(
            "This CPU has no AVX512-VNNI: nothing is built or run, the rest is checked for another."
        )
    return cases_of(args, host().mcpu if here else "cascadelake", args.built if here else 0)


def row(record: Record) -> list[object]:
    """A case's row of the table."""
    passed = [record["passed"][name] for name in COLUMNS]
    numbers = [record["drawn"], *passed, record["executed"], record["exact"], record["failed"]]
    return [of_record(record).title, *numbers, f"{record['seconds']:.0f}"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--assignments", type=int, default=1000, help="checked in each case")
    parser.add_argument("--built", type=int, default=32, help="built and run in each case")
    parser.add_argument("--operator", choices=("gemm", *OPERATORS), action="append")
    parser.add_argument(
        "--shape", type=int, nargs="+", action="append", help="sizes in the paper's order"
    )
    parser.add_argument("--layout", choices=LAYOUTS, action="append")
    parser.add_argument("--weight", choices=WEIGHTS, action="append")
    parser.add_argument("--dtype", choices=("u8s8", "s8s8", "f32"), action="append")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="cases checked at the same time")
    parser.add_argument("--work-dir", type=Path, default=Path("runs/soundness"))
    return parser


def main() -> int:
    """Check all cases, print the table, and say whether anything failed."""
    parser = _parser()
    args = parser.parse_args()
    if args.shape and len(args.operator or ()) != 1:
        parser.error("--shape goes with one --operator, whose sizes it is")
    cases = _cases(args)
    journal = Journal(args.work_dir / "soundness.jsonl")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    records: list[Record] = []
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task("cases", total=len(cases))
        for record in finished(cases, journal, args.jobs):
            records.append(record)
            failed = sum(each["failed"] for each in records)
            progress.update(task, advance=1, description=f"cases, {failed} failures")
    print(markdown(HEAD, map(row, records)))
    total, failed = (sum(each[name] for each in records) for name in ("drawn", "failed"))
    print(f"\n{total} assignments, {failed} failures.")
    for record in records:
        for each in record["failures"][:SHOWN]:
            say(row(record)[0], each["why"], f"sketch {each['sketch']}", each["assignment"])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
