"""The last word on a tuned kernel: right on fresh random data, and its latency measured again.

Integers must be exact; floats may be off by the bound of `Workload.tolerance`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms.cli.disturbance import spread_of
from heron_ms.cli.kernels import Kernels
from heron_ms.measure.builder import MILLISECONDS
from heron_ms.measure.pool import run_with_threads
from heron_ms.measure.records import seconds_of
from heron_ms.workloads import Workload

REPEATS = 50


@dataclass(frozen=True)
class Verdict:
    """How many elements of the output are wrong, and the seconds a call takes (`seconds_of`)."""

    wrong: int
    elements: int
    seconds: float
    spread: float = 0.0


def check(kernel: Any, workload: Workload, threads: int, ahead: Kernels | None = None) -> Verdict:
    """Run a kernel on fresh random inputs, on as many threads as it may use.

    With ``ahead``, what is measured is its kernel for packed arguments, which has to be right too.
    """
    return run_with_threads(threads, lambda: _check(kernel, workload, ahead))


def run_once(kernel: Any, workload: Workload) -> tuple[NDArray[Any], NDArray[Any]]:
    """What a kernel computes of fresh random inputs, and what is right."""
    a, b = workload.random_inputs(np.random.default_rng())
    return _run(kernel, _arguments(workload, a, b)), workload.reference(a, b)


def count_wrong(
    output: NDArray[Any], expected: NDArray[Any], tolerance: float | NDArray[np.float64]
) -> int:
    """Elements that are further off than the tolerance; one that is no number is wrong."""
    off = np.abs(output.astype(np.float64) - expected)
    return int(np.count_nonzero(~(off <= tolerance)))


def _check(kernel: Any, workload: Workload, ahead: Kernels | None) -> Verdict:
    import tvm

    a, b = workload.random_inputs(np.random.default_rng())
    expected, tolerance = workload.reference(a, b), workload.tolerance(a, b)
    arguments = _arguments(workload, a, b)
    wrong = count_wrong(_run(kernel, arguments), expected, tolerance)
    if ahead is not None:
        kernel, arguments = ahead.ahead, ahead.packed(_arguments(workload, a, b))
        wrong = max(wrong, count_wrong(_run(kernel, arguments), expected, tolerance))
    timer = kernel.mod.time_evaluator(
        "main", tvm.cpu(), number=1, repeat=REPEATS, min_repeat_ms=MILLISECONDS
    )
    times = timer(*arguments).results
    return Verdict(wrong, expected.size, seconds_of(times), spread_of(times))


def _run(kernel: Any, arguments: list[Any]) -> NDArray[Any]:
    kernel(*arguments)
    return np.asarray(arguments[-1].numpy())


def _arguments(workload: Workload, a: NDArray[Any], b: NDArray[Any]) -> list[Any]:
    import tvm

    # Whatever the kernel leaves unwritten must show up as wrong.
    unwritten = -1 if workload.dtypes.integer else np.nan
    output = np.full(workload.c_shape, unwritten, workload.dtypes.c)
    return [tvm.runtime.tensor(array) for array in (a, workload.arrange(b), output)]
