"""The last word on a tuned kernel: right on fresh random data, and its latency measured again.

Integers must be exact; floats may be off by the bound of `Workload.tolerance`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from heron_ms.checking import compared, count_wrong
from heron_ms.cli.disturbance import spread_of
from heron_ms.cli.kernels import Ahead
from heron_ms.measure.builder import MILLISECONDS
from heron_ms.measure.pool import run_with_threads
from heron_ms.measure.records import seconds_of
from heron_ms.random_arguments import random_arguments
from heron_ms.workloads import Workload

REPEATS = 50


@dataclass(frozen=True)
class Verdict:
    """How many elements of the output are wrong, and the seconds a call takes (`seconds_of`)."""

    wrong: int
    elements: int
    seconds: float
    spread: float = 0.0


def check(kernel: Any, workload: Workload, threads: int, ahead: Ahead | None = None) -> Verdict:
    """Run a kernel on fresh random inputs, on as many threads as it may use.

    With ``ahead``, what is measured is the kernel of packed arguments, which has to be right too.
    """
    return run_with_threads(threads, lambda: _check(kernel, workload, ahead))


def _check(kernel: Any, workload: Workload, ahead: Ahead | None) -> Verdict:
    import tvm

    rng = np.random.default_rng()
    a, b = workload.random_inputs(rng)
    expected, tolerance = workload.reference(a, b), workload.tolerance(a, b)
    given = [a, workload.arrange(b)]
    func = workload.prim_func()
    wrong = compared(kernel["main"], func, lambda *_: expected, given, tolerance).wrong
    arguments = [tvm.runtime.tensor(each) for each in random_arguments(func, rng, given)]
    if ahead is not None:
        kernel, arguments = ahead.kernel, ahead.packed(arguments)
        kernel(*arguments)
        wrong = max(wrong, count_wrong(arguments[-1].numpy(), expected, tolerance))
    timer = kernel.mod.time_evaluator(
        "main", tvm.cpu(), number=1, repeat=REPEATS, min_repeat_ms=MILLISECONDS
    )
    times = timer(*arguments).results
    return Verdict(wrong, expected.size, seconds_of(times), spread_of(times))
