"""DEP: the depthwise convolution, in which every channel is on its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import te
from heron_ms.workloads import stages, taps
from heron_ms.workloads.convolution import Convolution
from heron_ms.workloads.weights import WeightLayout


@dataclass(frozen=True)
class Depthwise2d(Convolution):
    """DEP: C[n, h, w, c] sums over the taps of one channel; B is (KH, KW, C).

    Under ``weight="nk"`` the program takes B as (C, KH, KW); there is nothing to pack. Raises what
    `Convolution` raises.
    """

    operator: ClassVar[str] = "dep"
    summary: ClassVar[str] = "depthwise convolution along two axes"
    axes: ClassVar[tuple[str, ...]] = ("h", "w")
    weights: ClassVar[tuple[str, ...]] = ("kn", "nk", "ahead")

    n: int
    h: int
    w: int
    c: int
    kh: int
    kw: int
    stride: int
    pad: int
    dil: int

    @property
    def in_channels(self) -> int:
        """C."""
        return self.c

    @property
    def out_channels(self) -> int:
        """C."""
        return self.c

    @property
    def depth(self) -> int:
        """One channel."""
        return 1

    @property
    def b_shape(self) -> tuple[int, ...]:
        """(KH, KW, C)."""
        return (*self.kernel, self.c)

    @property
    def _weight(self) -> WeightLayout:
        # The last axis of the kernel stands where K is in the other weights: C moves to the front.
        rank = len(self.kernel)
        return self._layout_of(self.kernel[:-1], self.kernel[-1], self.c, (rank, *range(rank)))

    @property
    def _padded_shape(self) -> tuple[int, ...]:
        spatial = [size + 2 * self.pad for size in self.spatial]
        return tuple(self._order(self.n, spatial, self.c))

    def _padded(self, a: Any) -> Any:
        before = self._order(0, [self.pad] * len(self.axes), 0)
        return stages.padded(a, before, self._padded_shape, self._order("n", self.axes, "c"))

    def _einsum(self, a: Any, b: Any) -> Any:
        kernel = self._taps(self.kernel)

        def dot(*at: Any) -> Any:
            n, spatial, c = self._unordered(at)
            read = a[tuple(self._order(n, self._at(spatial, kernel), c))]
            weight = b[tuple(self._weight.at(kernel[:-1], kernel[-1], c))]
            return te.sum(stages.product(read, weight, self.dtypes), axis=kernel)

        names = self._order("n", self.axes, "c")
        return te.compute(self.c_shape, dot, name="C", varargs_names=names)

    def _correlate(self, x: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        return taps.gather(x, b, self.spatial_out, self.stride, self.pad, self.dil, taps.depthwise)
