"""ResNet-18's layers on VTA, simulated: exact, and counted as the reuse of their tiles says.

A random program of each layer is simulated and compared with numpy. Steps of the matrix unit have
to be the multiplications, padding included, by the size of the unit; the bytes of each memory what
`reuse` expects, which knows tiles, and neither TensorIR nor instructions.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import Target
from heron_ms.constraints import ConstrainedSketch
from heron_ms.hardware import machine
from heron_ms.hardware.description import only
from heron_ms.hardware.vta import Vta
from heron_ms.measure.vta.device import VtaDevice
from heron_ms.workloads import OPERATORS, Workload
from scripts.bench.harness.console import say
from scripts.bench.harness.options import add_only, at_least, is_chosen
from scripts.bench.harness.report import Report
from scripts.bench.vta.benchmark import CASES, LAYERS, REST
from scripts.bench.vta.objective import MOST_TILES, tiles_of
from scripts.bench.vta.reuse import expected
from scripts.bench.vta.searches import BOARD, Case
from scripts.bench.vta.template import ours

BYTES = ("inp bytes", "wgt bytes", "out bytes")


def options(parser: ArgumentParser) -> None:
    """How many programs of which layers."""
    parser.add_argument("--programs", type=at_least(1), default=1, metavar="N",
                        help="of each layer (default 1)")  # fmt: skip
    add_only(parser, "layers")


def run(arguments: Namespace) -> Report:
    """Simulates all of them."""
    board = only(Vta, machine(BOARD), "VTA")
    layers = [case for case in (*CASES, *REST) if case.name in LAYERS]
    layers.sort(key=lambda case: list(LAYERS).index(case.name))
    chosen = (case for case in layers if is_chosen(case.name, arguments.only))
    rows = [row for case in chosen for row in _rows(case, board, arguments.programs)]
    sound = all(row[-2:] == ("yes", "yes") for row in rows)
    head = ("layer", "steps", *BYTES, "as expected", "exact")
    return Report.joined({"layers": Report.of_table(head, rows, sound=sound)})


def _rows(case: Case, board: Vta, count: int) -> Iterator[tuple[str, ...]]:
    say(case.name)
    given = OPERATORS[case.operator].of(case.sizes, "s8s8s8")
    sketch, rng = ours(given, board), np.random.default_rng(0)
    for found in moderate(sketch, count, rng):
        counts: Counter[str] = Counter()
        different = _different(given, sketch.materialize(found), board, rng, counts)
        right = expected(given, found)
        right["gemm"] = given.operations // 2 // board.multiplications
        same = all(counts[name] == number for name, number in right.items())
        numbers = (f"{counts[name]:,}" for name in ("gemm", *BYTES))
        yield (case.name, *numbers, _said(same), _said(different == 0))


def moderate(
    sketch: ConstrainedSketch, count: int, rng: np.random.Generator, most: int = MOST_TILES
) -> Iterator[Mapping[str, int]]:
    """Random assignments with no more than so many products of tiles, emitted in seconds."""
    drawn = (found for _ in range(1000) for found in sketch.problem.sample(50, rng))
    few = (found for found in drawn if tiles_of(found) <= most)
    return (found for found, _ in zip(few, range(count), strict=False))


def _different(
    given: Workload, sch: Any, board: Vta, rng: np.random.Generator, counts: Counter[str]
) -> int:
    """Elements that are not as numpy has them."""
    kernel = VtaDevice(board).compile(sch.mod, Target(board.target()))
    a, b = given.random_inputs(rng)
    right: NDArray[Any] = given.reference(a, b)
    got = kernel.run([a, given.arrange(b), np.zeros(right.shape, right.dtype)], counts)[-1]
    return int(np.count_nonzero(got != right))


def _said(holds: bool) -> str:
    return "yes" if holds else "no"
