"""What it saves that the workers of a builder stay.

    python -m scripts.bench builder --trials 256 --turns 2

Tunes a GEMM in turns with our builder and with MetaSchedule's, which starts its workers anew for
each batch; both build the same programs in the same way, on as many cores as there are.
"""

from __future__ import annotations

import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

from tvm.s_tir.meta_schedule.builder import LocalBuilder

import heron_ms
from heron_ms._tvm import Target
from heron_ms.hardware import host
from heron_ms.measure.cpu.builder import local_builder
from heron_ms.workloads import Gemm
from scripts.bench.harness.console import redirected, say
from scripts.bench.harness.options import add_trials, at_least
from scripts.bench.harness.report import Report

SIZE = 512
WARM = 16
"""Trials of a tuning that is not timed: it loads TVM's intrinsics, and all that searching needs."""


def options(parser: ArgumentParser) -> None:
    """How much, and how often."""
    add_trials(parser, 256, "each tuning")
    parser.add_argument("--turns", type=at_least(1), default=2, metavar="N",
                        help="tunings with each builder, in turns (default 2)")  # fmt: skip


def run(arguments: Namespace) -> Report:
    """A table of both builders: seconds in the median, and their ratio."""
    makers: dict[str, Callable[[], Any]] = {"ours": local_builder, "MetaSchedule's": _local}
    seconds: dict[str, list[float]] = {name: [] for name in makers}
    _tuned(local_builder, WARM)  # what this process does once is not to be the first one's cost
    for turn in range(arguments.turns):
        for name, make in makers.items():
            seconds[name].append(_tuned(make, arguments.trials))
            say(f"turn {turn + 1}: {name} took {seconds[name][-1]:.1f} s")
    stock = median(seconds["MetaSchedule's"])
    rows = [
        [name, f"{median(times):.1f}", f"{median(times) / stock:.2f}"]
        for name, times in seconds.items()
    ]
    case = f"gemm {SIZE} {SIZE} {SIZE}, packed, {arguments.trials} trials, {host().summary}"
    return Report.of_table([case, "seconds", "of MetaSchedule's"], rows)


def _tuned(make: Callable[[], Any], trials: int) -> float:
    """Seconds of a whole tuning, the start of the workers included."""
    with tempfile.TemporaryDirectory() as folder, redirected(1, to=2):
        begun = perf_counter()
        builder = make()
        heron_ms.tune_tir(
            Gemm(SIZE, SIZE, SIZE, weight="packed").prim_func(),
            Target(host().target()),
            folder,
            trials,
            seed=0,
            builder=builder,
        )
        took = perf_counter() - begun
    if hasattr(builder, "close"):
        builder.close()
    return took


def _local() -> Any:
    """MetaSchedule's, whose workers import as little as ours."""

    # A local function travels to the workers by value: they need not import anything of ours.
    def build(mod: Any, target: Any, _params: Any) -> Any:
        from tvm.driver import build as tvm_build
        from tvm.s_tir.transform import RemoveWeightLayoutRewriteBlock

        return tvm_build(RemoveWeightLayoutRewriteBlock(skip_tensor_rewrite=True)(mod), target)

    return LocalBuilder(f_build=build)
