"""Inputs of which a product is exact in floats too, in whatever order it is added up."""

from __future__ import annotations

from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms.workloads import Workload

_LARGEST = 4
_EXACT = {"float16": 2**11}
"""Up to where a type has all whole numbers; 2^24 for float32, and more for int32."""


def whole_inputs(workload: Workload, rng: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
    """A and B of `Workload.random_inputs`, of whole numbers so small that all sums are exact.

    Raises ValueError for a workload that adds up so many that all of them would be zeros.
    """
    exact = _EXACT.get(workload.dtypes.c, 2**24)
    largest = min(_LARGEST, isqrt(exact // workload.reduction))
    if not largest:
        raise ValueError(f"{workload.dtypes.c} has no exact sums of {workload.reduction} products")
    a, b = workload.random_inputs(rng)
    return _whole(a, largest, rng), _whole(b, largest, rng)


def _whole(like: NDArray[Any], largest: int, rng: np.random.Generator) -> NDArray[Any]:
    return rng.integers(-largest, largest + 1, like.shape).astype(like.dtype)
