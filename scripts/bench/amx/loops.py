"""What the innermost loops of products on VNNI ask of a core, of which no such core is needed.

For each product the program that the analytic model likes best, and random ones of the space: how
many vectors and elements they load for a multiplication, and how many go by the stack. Intel's
servers start two multiplications and two loads of 64 bytes a cycle, so that a loop of more than one
load for each cannot come near the peak; a measured share of it, as `amx` prints, is to be read
beside this.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from heron_ms._tvm import IRModule, Target, tvm_compile
from heron_ms.constraints import constrain
from heron_ms.hardware import for_target
from heron_ms.measure.cpu.linking import exporting
from heron_ms.sketch import Sketch
from heron_ms.space_generators.plan import plan_of
from heron_ms.testing import spread
from heron_ms.unmeasured import schedule_unmeasured
from heron_ms.workloads import Gemm
from scripts.bench.amx.inner_loop import InnerLoop, inner_loop_of
from scripts.bench.amx.vectors import MULTIPLY
from scripts.bench.harness.options import add_seed, at_least
from scripts.bench.harness.report import Report
from scripts.bench.peers.tuners import without_tiles

CASES = tuple(
    Gemm(m, k, n, weight="packed")
    for m, k, n in ((1024, 1024, 1024), (32, 2048, 1000), (32, 4096, 1000), (32, 4096, 4096))
)
CPUS = ("sapphirerapids", "emeraldrapids", "graniterapids", "icelake-server", "cascadelake")
HEAD = (
    *("M x K x N", "first choice: multiplications", "vectors loaded", "elements loaded", "stack"),
    *("loads each", "drawn", "loads each, least", "median", "most", "with stack"),
)


def options(parser: ArgumentParser) -> None:
    """For which CPU, and how many random programs."""
    parser.add_argument("--target", choices=CPUS, default=CPUS[0], metavar="CPU",
                        help=f"one of {', '.join(CPUS)} (default {CPUS[0]})")  # fmt: skip
    parser.add_argument("--drawn", type=at_least(1), default=16, metavar="N",
                        help="random programs of each product (default 16)")  # fmt: skip
    add_seed(parser)


def run(arguments: Namespace) -> Report:
    """A row for each product."""
    target = Target(without_tiles({"kind": "llvm", "mcpu": arguments.target, "num-cores": 1}))
    rows = [_row(case, target, arguments.drawn, arguments.seed) for case in CASES]
    return Report.joined({"loops": Report.of_table(HEAD, rows)})


def _row(case: Any, target: Target, count: int, seed: int) -> list[object]:
    first = _loop(schedule_unmeasured(case.prim_func(), target)[0], target)
    drawn = [_loop(program, target) for program in _drawn(case, target, count, seed)]
    each = [loop.loads_each for loop in drawn]
    return [
        " x ".join(map(str, case.case)),
        *(first.multiplications, first.loads, first.broadcasts, first.spilled),
        *(f"{first.loads_each:.2f}", len(drawn)),
        *(f"{statistic(each):.2f}" for statistic in (min, median, max)),
        sum(loop.spilled > 0 for loop in drawn),
    ]


def _drawn(case: Any, target: Target, count: int, seed: int) -> Iterator[IRModule]:
    """Random programs, the sketches taking turns."""
    machine = for_target(target)
    mod = IRModule({"main": case.prim_func()})
    sketches = [
        constrain(Sketch(mod, chosen.schedule.trace), machine)
        for chosen in plan_of(mod, machine).sketches
    ]
    for sketch, assignment in spread(sketches, count, np.random.default_rng(seed)):
        yield sketches[sketch].materialize(assignment).mod


def _loop(program: Any, target: Target) -> InnerLoop:
    """The innermost loop of a program, compiled."""
    with TemporaryDirectory() as folder:
        compiled = tvm_compile(program, target)
        artifact = exporting()(compiled, target, Path(folder) / "kernel")
        found = inner_loop_of(artifact, MULTIPLY)
    assert found is not None, f"a product of bytes without {MULTIPLY}"
    return found
