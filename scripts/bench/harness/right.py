"""Whether a kernel computes what numpy computes.

Worker processes import this file by name, and a new one starts after every kernel that was wrong:
nothing of heron_ms is imported here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tvm

UNWRITTEN = -7
"""In C before: not zero, or a kernel that forgets to initialise its sums would look right."""


@dataclass(frozen=True)
class Operands:
    """Random data of a workload and what is right.

    a, b: as the program takes them; dtype: of C; exact: C, and bound: how far an element may be
    off, 0 for integers (`Workload.reference` and `Workload.tolerance`).
    """

    a: Any
    b: Any
    dtype: str
    exact: Any
    bound: Any

    @classmethod
    def of(cls, workload: Any, seed: int) -> Operands:
        """The same data for the same seed."""
        a, b = workload.random_inputs(np.random.default_rng(seed))
        exact, bound = workload.reference(a, b), workload.tolerance(a, b)
        return cls(a, workload.arrange(b), workload.dtypes.result, exact, bound)


def share_right(kernel: Callable[..., Any], operands: Operands) -> float:
    """The share of the elements of C that a kernel gets right, 1.0 for all; no number is wrong."""
    unwritten = np.full(operands.exact.shape, UNWRITTEN, operands.dtype)
    a, b, c = map(tvm.runtime.tensor, (operands.a, operands.b, unwritten))
    kernel(a, b, c)
    error = np.abs(c.numpy().astype(np.float64) - operands.exact)
    return float(np.mean(error <= operands.bound))


def share_right_of_artifact(artifact: str, operands: Operands) -> float:
    """`share_right` of a built kernel, by the path of it."""
    return share_right(tvm.runtime.load_module(artifact)["main"], operands)
