"""Validity on every CPU unit: random candidates of each operator that must lower and build.

For each machine and operator: random assignments, taken in turn from all sketches of small programs
of awkward sizes, each materialised, lowered and compiled for the machine; where this CPU has the
instruction, run and compared with numpy too, exactly or within the stated tolerance. Prints a
Markdown table; the exit status is 1 if a candidate failed. A killed run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from common import Journal, Record, first_line, markdown, say

MACHINES: dict[str, tuple[str, dict[str, Any]]] = {
    "AVX512-VNNI": ("u8s8", {"mcpu": "cascadelake"}),
    "AVX512-VNNI, s8": ("s8s8", {"mcpu": "cascadelake"}),
    "AVX-VNNI": ("u8s8", {"mcpu": "alderlake"}),
    "AVX-512 without VNNI": ("u8s8", {"mcpu": "skylake-avx512"}),
    "AVX2": ("u8s8", {"mcpu": "haswell"}),
    "AVX-512, f32": ("f32", {"mcpu": "skylake-avx512"}),
    "AVX2, f32": ("f32", {"mcpu": "haswell"}),
    "Arm dotprod": ("s8s8", {"mcpu": "neoverse-n1", "mtriple": "aarch64-linux-gnu"}),
    "Arm i8mm": ("u8s8", {"mcpu": "neoverse-v1", "mtriple": "aarch64-linux-gnu"}),
    "Arm NEON, f32": ("f32", {"mcpu": "neoverse-n1", "mtriple": "aarch64-linux-gnu"}),
}
"""Operands and target; all but the Arm ones run on a CPU with AVX512-VNNI."""

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
HEAD = ("machine", "operator", "intrinsic", "candidates", "built", "run", "right")


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


def check(row: Row) -> Record:
    """Counts of a row and its first failure."""
    found: Record = dict(
        row.identity, candidates=0, built=0, run=0, right=0, failure="", intrinsic="-"
    )
    programs = list(_programs(row))
    drawn = zip_longest(*(_candidates(each, row) for each in programs))
    for candidate in [each for each in chain.from_iterable(drawn) if each][: row.candidates]:
        found["candidates"] += 1
        try:
            _try(candidate, found)
        except Exception as error:  # whatever it is, the table shows it
            found["failure"] = found["failure"] or first_line(error)
    return found


def _programs(row: Row) -> Iterator[Any]:
    from heron_ms.workloads import OPERATORS

    dtype, _ = MACHINES[row.machine]
    operator = OPERATORS[row.operator]
    for case in CASES[row.operator]:
        for weight in ("kn", "nk"):
            yield operator.of(case, dtype, weight=weight)


def _candidates(workload: Any, row: Row) -> Iterator[tuple[Any, ...]]:
    """Workload, constrained sketch, assignment, target, intrinsic."""
    import numpy as np

    import heron_ms
    from heron_ms._tvm import IRModule, Target
    from heron_ms.constraints import constrain
    from heron_ms.hardware import for_target
    from heron_ms.sketch import Sketch
    from heron_ms.space_generators.space import chosen_sketches

    target = Target({"kind": "llvm", "num-cores": 2, **MACHINES[row.machine][1]})
    mod = heron_ms.normalize(IRModule({"main": workload.prim_func()}))
    machine, rng = for_target(target), np.random.default_rng(0)
    for chosen in chosen_sketches(mod, machine):
        sketch = constrain(Sketch(mod, chosen.schedule.trace), machine)
        name = chosen.blocks[0][0].intrinsic.name
        for assignment in sketch.problem.sample(row.candidates, rng):
            yield workload, sketch, assignment, target, name


def _try(candidate: tuple[Any, ...], found: Record) -> None:
    import tvm

    from heron_ms.hardware import for_target, host

    workload, sketch, assignment, target, found["intrinsic"] = candidate
    kernel = tvm.compile(sketch.materialize(assignment).mod, target=target)
    found["built"] += 1
    if for_target(target).features <= host().features:
        found["run"] += 1
        found["right"] += _right(kernel, workload)


def _right(kernel: Any, workload: Any) -> bool:
    import numpy as np
    import tvm

    a, b = workload.random_inputs(np.random.default_rng(1))
    expected = workload.reference(a, b)
    result = np.full(expected.shape, 7, workload.dtypes.c)
    arrays = [tvm.runtime.tensor(each) for each in (a, workload.arrange(b), result)]
    kernel(*arrays)
    error = np.abs(arrays[2].numpy().astype(np.float64) - expected)
    return bool((error <= workload.tolerance(a, b)).all())


def main() -> int:
    """Check what is asked for; the exit status."""
    args = _arguments()
    journal = Journal(args.out / "validity.jsonl")
    rows = [Row(m, o, args.candidates) for m in MACHINES for o in CASES if args.only in f"{m} {o}"]
    results = [journal.find(row.identity) or _isolated(row, journal) for row in rows]
    print(markdown(HEAD, [[each[name] for name in HEAD] for each in results]))
    bad = [each for each in results if not _sound(each)]
    for each in bad:
        print(f"{each['machine']}, {each['operator']}: {each['failure'] or 'wrong results'}")
    total = sum(each["candidates"] for each in results)
    print(f"\n{total:,} candidates, {len(bad)} of {len(results)} rows with a failure.")
    return 1 if bad else 0


def _sound(result: Record) -> bool:
    return bool(result["candidates"] == result["built"] and result["run"] == result["right"])


def _isolated(row: Row, journal: Journal) -> Record:
    """In a process of its own: LLVM ends it where a target names what it cannot emit."""
    say(f"{row.machine}: {row.operator}")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        result = pool.apply(check, (row,))
    journal.append(result)
    return result


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--candidates", type=int, default=100, help="a row; default 100")
    parser.add_argument("--only", default="", help="rows with this in 'machine operator'")
    parser.add_argument("--out", type=Path, default=Path("build", "validity"), help="the journal")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
