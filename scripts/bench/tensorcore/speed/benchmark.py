"""Kernels on the GPU of this computer, beside stock MetaSchedule, cuBLAS, cuDNN and Triton.

The paper's cases for TensorCores in float16, sums in float32. Stock and heron_ms are tuned first,
in as many trials; then all are warmed and timed in graphs of launches (CUDA graphs), and each
result is compared with numpy's. A ratio is the time of the faster library, or of stock, over that
of heron_ms: above one, heron_ms is faster. Where no candidate of stock's compiles or runs, a line
says so. The share is that of the rate of mma.sync, which on Hopper is some 60 % of the rate that is
published, of wgmma. Needs PyTorch for CUDA, and for Triton what comes with it.

Stock's search is kept when it is finished, and so is the row. Neither is begun when --seconds are
over, and the same command goes on with the next one: each takes some minutes, most of them tuning.
The exit status is 1 if a result of heron_ms is wrong or missing, or rows are left; without a GPU,
in a line.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from heron_ms._tvm import Target
from heron_ms.errors import HeronError
from heron_ms.hardware.gpu_here import gpu_here
from heron_ms.hardware.tensorcore import TensorCore
from heron_ms.measure.devices import device_of
from scripts.bench.harness.options import add_only, add_seconds, add_trials, is_chosen
from scripts.bench.harness.report import Report
from scripts.bench.harness.rows import Rows
from scripts.bench.tensorcore.speed.made import CASES, COMPARISON, identities, made
from scripts.bench.tensorcore.speed.table import report


def options(parser: ArgumentParser) -> None:
    """Which cases, and how long."""
    add_trials(parser, 64, "each case, of heron_ms and of stock")
    add_seconds(parser, 400)
    add_only(parser, "cases")


def run(arguments: Namespace) -> Report:
    """The rows that there are, and the means. Raises SystemExit without a GPU that can be used."""
    gpu = _gpu()
    chosen = [name for name in CASES if is_chosen(name, arguments.only)]
    wanted = identities(gpu.name, chosen, arguments.trials)
    rows = Rows(made, arguments.out).all_of(wanted, arguments.seconds)
    compared = [row for row in rows if row["part"] == COMPARISON]
    return report(gpu, compared, left=len(chosen) - len(compared))


def _gpu() -> TensorCore:
    try:
        gpu = gpu_here()
        device_of(gpu).require(Target(gpu.target()))
    except HeronError as error:
        raise SystemExit(f"nothing can be measured on a GPU: {error}") from error
    return gpu
