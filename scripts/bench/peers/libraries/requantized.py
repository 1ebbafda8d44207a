"""Results as bytes: a scale and a zero point with which nothing saturates."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from scripts.bench.peers.libraries.kernel import Array

ZERO_POINT = 128


@dataclass(frozen=True)
class Requantized:
    """Exact results as round(result / scale) + 128 in uint8, halves to even.

    The scale is a power of two, so that dividing by it is exact in float32 for results below 2**24.
    """

    scale: float

    @classmethod
    def of(cls, exact: Array) -> Requantized:
        """The finest such scale for a result."""
        largest = int(np.abs(exact.astype(np.int64)).max(initial=1))
        return cls(2.0 ** math.ceil(math.log2(largest / (ZERO_POINT - 1))))

    def __call__(self, exact: Array) -> Array:
        """The bytes that an exact result becomes."""
        rounded = np.rint(exact.astype(np.float64) / self.scale) + ZERO_POINT
        return np.asarray(np.clip(rounded, 0, 255), np.uint8)
