"""Validity on every CPU unit: random candidates of each operator that must lower and build.

For each machine and operator: random assignments, taken in turn from all sketches of small programs
of awkward sizes, each materialised, lowered and compiled for the machine; where this CPU has the
instruction, run and compared with numpy too, exactly or within the stated tolerance. The exit
status is 1 if a candidate failed.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

import numpy as np
import tvm

import heron_ms
from heron_ms._tvm import IRModule
from heron_ms.constraints import constrain
from heron_ms.hardware import for_target
from heron_ms.sketch import Sketch
from heron_ms.space_generators.plan import plan_of
from heron_ms.testing import spread
from heron_ms.workloads import OPERATORS
from scripts.bench.harness.console import first_line, say
from scripts.bench.harness.journal import Journal, Record
from scripts.bench.harness.options import add_only, at_least, is_chosen
from scripts.bench.harness.processes import fresh_pool
from scripts.bench.harness.report import Report
from scripts.bench.harness.right import Operands, share_right
from scripts.bench.harness.targets import executes, target_of

UNITS: dict[str, tuple[str, str]] = {
    "AVX512-VNNI": ("u8s8", "AVX512-VNNI"),
    "AVX512-VNNI, s8": ("s8s8", "AVX512-VNNI"),
    "AVX-VNNI": ("u8s8", "AVX-VNNI"),
    "AVX-512 without VNNI": ("u8s8", "AVX-512 without VNNI"),
    "AVX2": ("u8s8", "AVX2"),
    "AVX-512, f32": ("f32", "AVX-512 without VNNI"),
    "AVX2, f32": ("f32", "AVX2"),
    "Arm dotprod": ("s8s8", "Arm dotprod"),
    "Arm i8mm": ("u8s8", "Arm i8mm"),
    "Arm NEON, f32": ("f32", "Arm dotprod"),
}
"""Operands and machine of `machines`; a CPU with AVX512-VNNI runs all but AVX-VNNI and Arm."""

CASES: dict[str, tuple[tuple[int, ...], ...]] = {
    "gemm": ((64, 64, 64), (50, 36, 40)),
    "bmm": ((3, 20, 32, 48),),
    "c1d": ((1, 50, 16, 32, 3, 1, 2, 2),),
    "c2d": ((1, 14, 14, 16, 32, 3, 3, 1, 1, 1), (1, 9, 11, 3, 20, 3, 3, 2, 1, 1)),
    "c3d": ((1, 2, 6, 7, 16, 16, 3, 3, 3, 1, 1, 1),),
    "t2d": ((1, 7, 7, 16, 32, 3, 3, 2, 1, 1, 0),),
    "dil": ((1, 12, 12, 16, 32, 3, 3, 1, 1, 2),),
    "gemv": ((64, 48),),
    "scan": ((20, 32, 36),),
    "grp": ((1, 8, 8, 32, 64, 3, 3, 1, 1, 1, 2),),
}
CORES = 2
COUNTS = ("candidates", "built", "run", "right")
HEAD = ("machine", "operator", "intrinsic", *COUNTS)


@dataclass(frozen=True)
class Row:
    """Some candidates of an operator on a machine."""

    machine: str
    operator: str
    candidates: int

    @property
    def identity(self) -> Record:
        """What the journal knows it by."""
        return {"machine": self.machine, "operator": self.operator, "asked": self.candidates}


@dataclass(frozen=True)
class Space:
    """A sketch of a program with its constraints, and the intrinsic that it tensorizes with."""

    workload: Any
    sketch: Any
    intrinsic: str


def check(row: Row) -> Record:
    """Counts of a row and its first failure."""
    counts = _none(row)
    target = target_of(UNITS[row.machine][1], CORES)
    spaces = [space for workload in _programs(row) for space in _spaces(workload, target)]
    sketches = [space.sketch for space in spaces]
    for index, assignment in spread(sketches, row.candidates, np.random.default_rng(0)):
        counts["candidates"] += 1
        try:
            _try(spaces[index], assignment, target, counts)
        except Exception as error:  # whatever it is, the table shows it
            counts["failure"] = counts["failure"] or first_line(error)
    return counts


def _programs(row: Row) -> Iterator[Any]:
    operator = OPERATORS[row.operator]
    for case in CASES[row.operator]:
        for weight in ("kn", "nk"):
            yield operator.of(case, UNITS[row.machine][0], weight=weight)


def _spaces(workload: Any, target: Any) -> Iterator[Space]:
    mod = heron_ms.normalize(IRModule({"main": workload.prim_func()}))
    machine = for_target(target)
    for chosen in plan_of(mod, machine).sketches:
        sketch = constrain(Sketch(mod, chosen.schedule.trace), machine)
        names = [mapping.intrinsic.name for mapping, _ in chosen.tensorized]
        yield Space(workload, sketch, next(iter(names), "none: a window"))


def _try(space: Space, assignment: Any, target: Any, counts: Record) -> None:
    counts["intrinsic"] = space.intrinsic
    kernel = tvm.compile(space.sketch.materialize(assignment).mod, target=target)
    counts["built"] += 1
    if executes(target):
        counts["run"] += 1
        counts["right"] += share_right(kernel, Operands.of(space.workload, 1)) == 1.0


def options(parser: ArgumentParser) -> None:
    """How many candidates of which rows."""
    parser.add_argument("--candidates", type=at_least(1), default=100, metavar="N",
                        help="of each row (default 100)")  # fmt: skip
    add_only(parser, "rows of a machine and an operator")


def run(arguments: Namespace) -> Report:
    """Checks what is asked for."""
    journal = Journal(arguments.out / "rows.jsonl")
    rows = [Row(machine, operator, arguments.candidates) for machine in UNITS for operator in CASES
            if is_chosen(f"{machine} {operator}", arguments.only)]  # fmt: skip
    results = [journal.find(row.identity) or _isolated(row, journal) for row in rows]
    bad = [result for result in results if not _sound(result)]
    total = sum(result["candidates"] for result in results)
    failures = [f"{result['machine']}, {result['operator']}: "
                f"{result['failure'] or 'wrong results'}" for result in bad]  # fmt: skip
    verdict = f"{total:,} candidates, {len(bad)} of {len(results)} rows with a failure."
    cells = [[result[name] for name in HEAD] for result in results]
    table = Report.of_table(HEAD, cells, "\n".join([*failures, verdict]), sound=not bad)
    return Report.joined({"rows": table, "machines": _by_machine(results)})


def _by_machine(results: list[Record]) -> Report:
    """How many operators and candidates each machine had, and what became of these."""
    named = ((result["machine"], result) for result in results)
    return Report.of_sums(("machine", "operators", *COUNTS), named, COUNTS)


def _sound(result: Record) -> bool:
    return bool(result["candidates"] == result["built"] and result["run"] == result["right"])


def _isolated(row: Row, journal: Journal) -> Record:
    """In a process of its own: LLVM ends it where a target names what it cannot emit."""
    say(f"{row.machine}: {row.operator}")
    with fresh_pool(1) as pool:
        try:
            result = pool.submit(check, row).result()
        except BrokenProcessPool:  # not written down: the next run tries the row again
            return _none(row) | {"candidates": row.candidates, "failure": "the process crashed"}
    journal.append(result)
    return result


def _none(row: Row) -> Record:
    counts = dict.fromkeys(COUNTS, 0)
    return {**row.identity, **counts, "failure": "", "intrinsic": "-"}
