"""What a tensor of a quantised model stands for: an integer tensor, and how to read it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

import numpy as np

from heron_ms.models.integers.values import (
    Value,
    dtype_of,
    is_known,
    is_single,
    same,
    shape_of,
)

ZERO = np.asarray(0, "int32")
ONE = np.asarray(1, "float32")


@dataclass(frozen=True)
class View:
    """``clip(scale * (data - zero), low, high)``, elementwise.

    ``data`` holds 8-bit integers, or int32 where it is a sum (float32 if of different scales).
    ``scale`` (float32) and ``zero`` (int32) broadcast to it: single numbers have no dimensions,
    others the rank of ``data``.
    A ReLU is a bound, which costs nothing once it is rounded with the rest.
    """

    data: Value
    scale: Value = field(default_factory=lambda: ONE)
    zero: Value = field(default_factory=lambda: ZERO)
    low: float = -inf
    high: float = inf

    @property
    def bounded(self) -> bool:
        """Whether values are clipped."""
        return self.low > -inf or self.high < inf

    @property
    def is_small(self) -> bool:
        """Whether the data have 8 bits and nothing is clipped: what a product can read."""
        return dtype_of(self.data) in ("int8", "uint8") and not self.bounded

    @property
    def is_sum(self) -> bool:
        """Whether the data are sums of products or of 8-bit integers."""
        return dtype_of(self.data) in ("int32", "float32")

    @property
    def uniform(self) -> bool:
        """Whether one scale and one zero point hold for all elements."""
        return is_single(self.scale) and is_single(self.zero)

    @property
    def shape(self) -> tuple[int, ...]:
        """The extents of the tensor."""
        return shape_of(self.data)

    def reads_as(self, other: View) -> bool:
        """Whether equal integers stand for equal numbers in both."""
        return (
            dtype_of(self.data) == dtype_of(other.data)
            and same(self.scale, other.scale)
            and same(self.zero, other.zero)
            and (self.low, self.high) == (other.low, other.high)
        )

    def clipped(self, low: float, high: float) -> View:
        """The view with its values clipped to bounds, in real numbers."""
        return replace(
            self,
            low=min(max(self.low, low), high),
            high=max(min(self.high, high), low),
        )

    def of(self, data: Any) -> View:
        """Other data of the same dtype, read in the same way."""
        return replace(self, data=data)


def fixed(value: Value) -> bool:
    """Whether a value is one known number."""
    return is_known(value) and is_single(value)
