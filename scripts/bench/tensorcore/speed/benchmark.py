"""Kernels for TensorCores on the GPU of this computer, beside cuBLAS, cuDNN and Triton.

The paper's cases for TensorCores in float16, sums in float32. heron_ms is tuned first; then all are
warmed and timed in graphs of launches (CUDA graphs), and each result is compared with numpy's. A
ratio is the time of the faster library over that of heron_ms: above one, heron_ms is faster. The
share is that of the rate of mma.sync, which on Hopper is some 60 % of the rate that is published,
of wgmma. Needs PyTorch for CUDA, and for Triton what comes with it.

A row is kept when it is finished. None is begun when --seconds are over, and the same command goes
on with the next one: a row takes some minutes, most of them tuning. The exit status is 1 if a
result of heron_ms is wrong or missing, or rows are left; without a GPU, in a line.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

import numpy as np

from heron_ms._tvm import Target
from heron_ms.errors import HeronError
from heron_ms.hardware.gpu_here import gpu_here
from heron_ms.hardware.tensorcore import TensorCore
from heron_ms.measure.devices import device_of
from heron_ms.workloads import SUITES, Workload
from scripts.bench.harness.commands import finished
from scripts.bench.harness.console import first_line
from scripts.bench.harness.journal import Record
from scripts.bench.harness.options import add_only, add_seconds, add_trials, is_chosen
from scripts.bench.harness.report import Report
from scripts.bench.harness.rows import Rows
from scripts.bench.peers.figures import geometric_mean
from scripts.bench.peers.libraries.kernel import Job
from scripts.bench.tensorcore.speed.contenders import LIBRARY, OURS, TRITON, makers
from scripts.bench.tensorcore.speed.timing import seconds

CASES = {workload.name: workload for workload in SUITES["tensorcore"]}
HEAD = ("case", "heron_ms, us", f"{LIBRARY}, us", f"{TRITON}, us", "ratio", "of mma.sync")
CRASHED = "its process"
MMA_SYNC = {90: 0.6}
"""The rate of mma.sync as a share of the one that is described, by capability, where it is less."""


def options(parser: ArgumentParser) -> None:
    """Which cases, and how long."""
    add_trials(parser, 64, "each case")
    add_seconds(parser, 400)
    add_only(parser, "cases")


def run(arguments: Namespace) -> Report:
    """The rows that there are, and the means. Raises SystemExit without a GPU that can be used."""
    gpu = _gpu()
    chosen = [name for name in CASES if is_chosen(name, arguments.only)]
    identities = ({"GPU": gpu.name, "case": name, "trials": arguments.trials} for name in chosen)
    made = Rows(_made, arguments.out).all_of(identities, arguments.seconds)
    return report(gpu, made, left=len(chosen) - len(made))


def report(gpu: TensorCore, made: list[Record], left: int) -> Report:
    """The tables of finished rows; not sound where one of ours has no time, or some are left."""
    lines = [[row["case"], *_cells(gpu, row)] for row in made]
    notes = [
        f"{row['case']}, {name}: {why}"
        for row in made
        for name, why in row.get("problems", {CRASHED: row.get("failure")}).items()
    ]
    if left:
        notes.append(f"{left} rows are left: the same command goes on.")
    sound = not left and all(OURS in row.get("us", {}) for row in made)
    table = Report.of_table(HEAD, lines, "\n".join(notes), sound)
    return Report.joined({"rows": table, "means": _means(gpu, made)})


def _gpu() -> TensorCore:
    try:
        gpu = gpu_here()
        device_of(gpu).require(Target(gpu.target()))
    except HeronError as error:
        raise SystemExit(f"nothing can be measured on a GPU: {error}") from error
    return gpu


def _made(identity: Record, out: Path) -> Record:
    """Microseconds of each contender that is right, and why the others are not there."""
    workload, folder = CASES[identity["case"]], out / identity["case"]
    sizes = map(str, workload.case)
    words = ["tune", workload.operator, *sizes, "--dtype", "f16", "--target", identity["GPU"]]
    words += ["--weight", workload.weight, "--trials", str(identity["trials"])]
    finished([*words, "--work-dir", str(folder)], out / "tune.txt")
    return _compared(workload, folder)


def _compared(workload: Workload, folder: Path) -> Record:
    a, b = workload.random_inputs(np.random.default_rng(0))
    job = Job(workload, a, b, workload.reference(a, b))
    times: Record = {}
    problems: Record = {}
    for name, make in makers(job, folder).items():
        try:
            kernel = make()
            if kernel.right(job):
                times[name] = seconds(kernel.run) * 1e6
            else:
                problems[name] = "wrong result"
        except Exception as error:  # the others are still worth timing
            problems[name] = f"{type(error).__name__}: {first_line(error)}"
    return {"us": times, "problems": problems, "operations": workload.operations}


def _cells(gpu: TensorCore, row: Record) -> list[str]:
    times = row.get("us", {})
    ratio, share = _ratio(row), _share(gpu, row)
    return [
        *(f"{times[name]:.1f}" if name in times else "-" for name in (OURS, LIBRARY, TRITON)),
        "-" if ratio is None else f"{ratio:.2f}",
        "-" if share is None else f"{share:.1%}",
    ]


def _ratio(row: Record) -> float | None:
    """The time of the fastest other over ours."""
    times = row.get("us", {})
    others = [time for name, time in times.items() if name != OURS]
    return min(others) / times[OURS] if others and OURS in times else None


def _share(gpu: TensorCore, row: Record) -> float | None:
    """Of the operations that mma.sync could do in the time of ours."""
    time = row.get("us", {}).get(OURS)
    rate = gpu.peak * MMA_SYNC.get(gpu.capability, 1.0)
    return None if time is None else float(row["operations"] / (time * 1e-6) / rate)


def _means(gpu: TensorCore, made: list[Record]) -> Report:
    """Geometric means of ratios and shares, of each operator and of all."""
    groups: dict[str, list[Record]] = {}
    for row in made:
        groups.setdefault(CASES[row["case"]].operator, []).append(row)
    lines = []
    for name, rows in {**groups, "all": made}.items():
        ratio = geometric_mean(map(_ratio, rows))
        share = geometric_mean(_share(gpu, row) for row in rows)
        lines.append([name, len(rows), "-" if ratio is None else f"{ratio:.2f}",
                      "-" if share is None else f"{share:.1%}"])  # fmt: skip
    return Report.of_table(("operator", "cases", "ratio", "of mma.sync"), lines)
