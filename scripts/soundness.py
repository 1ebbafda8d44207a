"""Soundness of the constraints: random assignments, and whether each is the program it stands for.

For GEMM of many shapes, each layout of B, u8 x s8 and s8 x s8: every assignment must materialise
with exactly its decisions, have the loops, buffers and registers that its variables say, pass the
postprocessors and lower; some are built, run and compared with numpy too. Prints a Markdown table;
the exit status is 1 if anything failed. A killed run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import Journal, Record, markdown, say
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

# Powers of two, their odd neighbours, one, and a prime: each size in each place.
SHAPES = (
    (64, 64, 64),
    (1024, 1024, 1024),
    (1000, 1008, 500),
    (1008, 500, 1000),
    (500, 1000, 1008),
    (17, 101, 1),
    (1, 17, 101),
    (101, 1, 17),
    (1, 1024, 1000),
    (1024, 17, 64),
    (17, 1000, 1024),
    (101, 64, 500),
)
SIGNED = ((64, 64, 64), (1000, 1008, 500), (17, 101, 1), (1, 17, 101), (101, 1, 17))
"""Shapes that are taken with a signed left operand as well."""
WEIGHTS = ("kn", "nk", "packed")
COLUMNS = ("materialised", "decisions", "loops", "accepted", "lowered", "memory")
HEAD = ("M × K × N, B", "assignments", *COLUMNS, "built", "exact", "failures", "s")
KEPT, SHOWN = 10, 2
"""Failures of a case that are written down, and that are printed."""


@dataclass(frozen=True)
class Case:
    """One GEMM and how many assignments of it are checked, and built."""

    shape: tuple[int, int, int]
    weight: str
    a_dtype: str
    assignments: int
    built: int
    seed: int
    mcpu: str

    @property
    def title(self) -> str:
        """As in the table."""
        sign = "u8" if self.a_dtype == "uint8" else "s8"
        return f"{sign} {' × '.join(map(str, self.shape))} {self.weight}"

    @property
    def identity(self) -> Record:
        """What a finished case is found by."""
        return {**vars(self), "shape": list(self.shape)}


def run(case: Case) -> Record:
    """Check a case; the record holds counts and the first failures."""
    import numpy as np

    from heron_ms._tvm import IRModule, Target
    from heron_ms.testing import Checker, spread
    from heron_ms.workloads.gemm import Gemm

    started = time.monotonic()
    gemm = Gemm(*case.shape, weight=case.weight, a_dtype=case.a_dtype)
    target = Target({"kind": "llvm", "mcpu": case.mcpu, "num-cores": 2})
    checker = Checker(IRModule({"main": gemm.prim_func()}), target)
    rng = np.random.default_rng(case.seed)
    chosen = spread(checker.sketches, case.assignments, rng)
    counts: Counter[str] = Counter()
    failures: list[Record] = []
    candidates = []
    for sketch, assignment in chosen:
        report = checker.check(sketch, assignment)
        counts.update(report.passed)
        if report.failures:
            failures.append({"sketch": sketch, "assignment": assignment, "why": report.failures})
        elif len(candidates) < case.built and report.schedule is not None:
            candidates.append((sketch, assignment, report.schedule.mod))
    built, exact = _execute(gemm, target, candidates, failures)
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


def _execute(
    gemm: Any, target: Any, candidates: Sequence[tuple[int, Any, Any]], failures: list[Record]
) -> tuple[int, int]:
    """How many of the candidates build, and how many of these compute what numpy computes."""
    from candidates import Candidate, Trials

    if not candidates:
        return 0, 0
    trials = Trials(gemm, target, seed=7, timeout=120.0)
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


def cases_of(args: argparse.Namespace) -> list[Case]:
    """The cases that the command line asks for."""
    from heron_ms.hardware import host

    here = host().has("avx512vnni")
    if not here:
        say(
            "This CPU has no AVX512-VNNI: nothing is built or run, the rest is checked for another."
        )
    mcpu = host().mcpu if here else "cascadelake"
    shapes = [tuple(each) for each in args.shape or SHAPES]
    signed = [each for each in shapes if args.shape or each in SIGNED]
    return [
        Case(shape, weight, a_dtype, args.assignments, args.built if here else 0, args.seed, mcpu)
        for a_dtype, some in (("uint8", shapes), ("int8", signed))
        for shape in some
        for weight in args.weight or WEIGHTS
    ]


def row(record: Record) -> list[object]:
    """A case's row of the table."""
    case = Case(**{name: record[name] for name in Case.__dataclass_fields__})
    passed = [record["passed"][name] for name in COLUMNS]
    numbers = [record["drawn"], *passed, record["executed"], record["exact"], record["failed"]]
    return [case.title, *numbers, f"{record['seconds']:.0f}"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--assignments", type=int, default=1000, help="checked in each case")
    parser.add_argument("--built", type=int, default=32, help="built and run in each case")
    parser.add_argument("--shape", type=int, nargs=3, action="append", metavar=("M", "K", "N"))
    parser.add_argument("--weight", choices=WEIGHTS, action="append")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="cases checked at the same time")
    parser.add_argument("--work-dir", type=Path, default=Path("runs/soundness"))
    return parser


def main() -> int:
    """Check all cases, print the table, and say whether anything failed."""
    args = _parser().parse_args()
    cases = cases_of(args)
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
