"""The last word on a tuned kernel: exact on fresh random data, and its latency measured again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms.measure.pool import run_with_threads
from heron_ms.measure.records import seconds_of
from heron_ms.workloads import Gemm

# Many short ones: on a shared machine a long one is cut by the scheduler for certain.
REPEATS = 50
MILLISECONDS = 2


@dataclass(frozen=True)
class Verdict:
    """How many elements of the output are wrong, and the seconds a call takes (`seconds_of`)."""

    wrong: int
    elements: int
    seconds: float


def check(kernel: Any, gemm: Gemm, threads: int) -> Verdict:
    """Run a kernel on fresh random inputs, on as many threads as it may use."""
    return run_with_threads(threads, lambda: _check(kernel, gemm))


def run_once(kernel: Any, gemm: Gemm) -> tuple[NDArray[Any], NDArray[Any]]:
    """What a kernel computes of fresh random inputs, and what is right."""
    arguments, expected = _arguments(gemm)
    kernel(*arguments)
    return arguments[-1].numpy(), expected


def _check(kernel: Any, gemm: Gemm) -> Verdict:
    import tvm

    output, expected = run_once(kernel, gemm)
    wrong = int(np.count_nonzero(output != expected))
    arguments, _ = _arguments(gemm)
    timer = kernel.mod.time_evaluator(
        "main", tvm.cpu(), number=1, repeat=REPEATS, min_repeat_ms=MILLISECONDS
    )
    return Verdict(wrong, expected.size, seconds_of(timer(*arguments).results))


def _arguments(gemm: Gemm) -> tuple[list[Any], NDArray[Any]]:
    import tvm

    a, b = gemm.random_inputs(np.random.default_rng())
    expected = gemm.reference(a, b)
    # Whatever the kernel leaves unwritten must show up as wrong.
    arrays = [a, gemm.arrange(b), np.full_like(expected, -1)]
    return [tvm.runtime.tensor(array) for array in arrays], expected
