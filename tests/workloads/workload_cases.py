"""Small cases of every operator, with sizes that divide nothing, and slow definitions in loops."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms.workloads import OPERATORS, Convolution, Transposed2d, Workload

CASES: dict[str, tuple[tuple[int, ...], ...]] = {
    "gemm": ((5, 7, 18),),
    "bmm": ((2, 5, 7, 18),),
    "c1d": ((2, 11, 5, 18, 3, 2, 2, 2),),
    "c2d": ((2, 7, 6, 5, 18, 3, 2, 2, 1, 1),),
    "c3d": ((1, 4, 5, 6, 3, 17, 2, 3, 2, 1, 1, 1),),
    "t2d": (
        (1, 5, 4, 5, 18, 3, 3, 1, 1),
        (1, 5, 4, 5, 18, 1, 1, 2, 0),
        (1, 4, 5, 3, 6, 2, 4, 3, 1),
    ),
    "dil": ((1, 7, 8, 4, 16, 3, 3, 1, 2, 2),),
    "gemv": ((18, 7),),
    "scan": ((4, 18, 9),),
    "grp": ((1, 5, 6, 10, 36, 3, 3, 1, 1, 1, 2),),
    "dep": ((1, 6, 7, 5, 3, 2, 2, 1, 1),),
}


def every(dtype: str = "u8s8") -> list[Workload]:
    """All small cases in all layouts."""
    return [
        workload
        for name, cases in CASES.items()
        for case in cases
        for workload in _layouts(OPERATORS[name], case, dtype)
    ]


def _layouts(operator: type[Workload], case: tuple[int, ...], dtype: str) -> list[Workload]:
    workloads = []
    for weight, layout in product(operator.weights, operator.layouts):
        options: dict[str, Any] = {"layout": layout} if layout else {}
        workloads.append(operator.of(case, dtype, weight=weight, **options))
        if operator.operator == "grp":
            workloads.append(operator.of(case, dtype, weight=weight, split=False, **options))
    return workloads


def by_definition(workload: Convolution, a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
    """A convolution product by product, in float64; channels last in A and C."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    c = np.zeros((workload.n, *workload.spatial_out, workload.out_channels))
    for y in np.ndindex(*workload.spatial_out):
        for tap in np.ndindex(*workload.kernel):
            x = _input(workload, y, tap)
            if x is not None:
                at: tuple[Any, ...] = (slice(None), *y)
                read: tuple[Any, ...] = (slice(None), *x)
                c[at] += _contract(workload, a[read], b[tap])
    return c


def _input(workload: Convolution, y: tuple[int, ...], tap: tuple[int, ...]) -> list[int] | None:
    """Where an output finds a tap in the input; None for padding, or between the inputs."""
    place = []
    for i, t, size in zip(y, tap, workload.spatial, strict=True):
        if isinstance(workload, Transposed2d):
            x, rest = divmod(i + workload.pad - t * workload.dil, workload.stride)
        else:
            x, rest = i * workload.stride + t * workload.dil - workload.pad, 0
        if rest or not 0 <= x < size:
            return None
        place.append(x)
    return place


def _contract(workload: Convolution, x: NDArray[Any], tap: NDArray[Any]) -> NDArray[Any]:
    """x is (N, CI) and tap (CI, CO), (CI / G, CO) or (C,)."""
    if tap.ndim == 1:
        return np.asarray(x * tap)
    c = np.zeros((x.shape[0], tap.shape[1]))
    groups = x.shape[1] // tap.shape[0]
    for co in range(tap.shape[1]):
        first = co // (tap.shape[1] // groups) * tap.shape[0]
        c[:, co] = x[:, first : first + tap.shape[0]] @ tap[:, co]
    return c
