"""Convolutions of any number of spatial axes, strided and dilated: sizes, inputs, what is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import PrimFunc, te
from heron_ms.errors import InvalidDimensionError
from heron_ms.workloads import stages, taps
from heron_ms.workloads.weights import WeightLayout
from heron_ms.workloads.workload import LAYOUTS, Workload


@dataclass(frozen=True, kw_only=True)
class SpatialWorkload(Workload):
    """A workload on data with channels and spatial axes, whose order is the ``layout``."""

    layouts: ClassVar[tuple[str, ...]] = LAYOUTS

    layout: str = "nhwc"


class Convolution(SpatialWorkload):
    """C[n, *y, co] sums A[n, *(y x stride + t x dil - pad), ci] x B[*t, ci, co] over taps t and ci.

    Subclasses are dataclasses with the sizes n, (d, h,) w, ci, co, (kd, kh,) kw, stride, pad and
    dil. Data is (N, *spatial, C) under ``layout="nhwc"`` and (N, C, *spatial) under "nchw",
    whatever the number of axes; B is (*kernel, CI, CO). Padding is a stage A_padded. The axes of C
    have the names of the sizes, and its reduction is the taps first and ci innermost.
    """

    may_be_zero: ClassVar[frozenset[str]] = frozenset({"pad"})
    axes: ClassVar[tuple[str, ...]]
    """Names of the spatial axes: the last ones of d, h and w."""

    n: int
    ci: int
    co: int
    stride: int
    pad: int
    dil: int

    def _check_sizes(self) -> None:
        super()._check_sizes()
        for axis, size in zip(self.axes, self.spatial_out, strict=True):
            if size <= 0:
                raise InvalidDimensionError(
                    f"no output is left along {axis.upper()}: the kernel, with its dilation, must "
                    "fit into the padded input"
                )

    @property
    def spatial(self) -> tuple[int, ...]:
        """Extents of the spatial axes of A."""
        return tuple(getattr(self, axis) for axis in self.axes)

    @property
    def kernel(self) -> tuple[int, ...]:
        """Extents of the kernel."""
        return tuple(getattr(self, f"k{axis}") for axis in self.axes)

    @property
    def spatial_out(self) -> tuple[int, ...]:
        """Extents of the spatial axes of C."""
        return tuple(
            (size + 2 * self.pad - (taps - 1) * self.dil - 1) // self.stride + 1
            for size, taps in zip(self.spatial, self.kernel, strict=True)
        )

    @property
    def in_channels(self) -> int:
        """CI: channels of A."""
        return self.ci

    @property
    def out_channels(self) -> int:
        """CO: channels of C."""
        return self.co

    @property
    def depth(self) -> int:
        """Channels of A that an element of C sums over."""
        return self.in_channels

    @property
    def reduction(self) -> int:
        """Taps x channels."""
        return int(np.prod(self.kernel)) * self.depth

    @property
    def a_shape(self) -> tuple[int, ...]:
        """(N, *spatial, CI) or (N, CI, *spatial)."""
        return tuple(self._order(self.n, self.spatial, self.in_channels))

    @property
    def b_shape(self) -> tuple[int, ...]:
        """(*kernel, CI, CO)."""
        return (*self.kernel, self.depth, self.out_channels)

    @property
    def c_shape(self) -> tuple[int, ...]:
        """(N, *spatial, CO) or (N, CO, *spatial)."""
        return tuple(self._order(self.n, self.spatial_out, self.out_channels))

    def prim_func(self) -> PrimFunc:
        """The program, as a TensorIR function of A, B and C."""
        a = te.placeholder(self.a_shape, self.dtypes.a, name="A")
        b = te.placeholder(self._weight.shape, self.dtypes.b, name="B")
        c = self._result(self._einsum(self._padded(a), b))
        names = self._order("n", self.axes, "co")
        return self._function(a, b, stages.cropped(c, self.c_shape, names))

    def arrange(self, b: NDArray[Any]) -> NDArray[Any]:
        """B (*kernel, CI, CO) in the layout that the program takes."""
        return self._weight.arrange(b)

    @property
    def _weight(self) -> WeightLayout:
        return self._weight_of(self.kernel, self.depth, self.out_channels)

    def _weight_of(self, lead: tuple[int, ...], k: int, n: int) -> WeightLayout:
        """A weight (*lead, CI, CO), as "nk" in the order of frameworks."""
        first = tuple(range(len(lead)))
        ci, co = len(lead), len(lead) + 1
        last = (*first, ci) if self.layout == "nhwc" else (ci, *first)
        return self._layout_of(lead, k, n, (co, *last))

    @property
    def _padded_shape(self) -> tuple[int, ...]:
        spatial = [size + 2 * self.pad for size in self.spatial]
        # Of more channels than there are, each belongs to a zero of a packed weight.
        channels = self.in_channels - self.depth + self._weight.padded_k
        return tuple(self._order(self.n, spatial, channels))

    def _padded(self, a: Any) -> Any:
        before = self._order(0, [self.pad] * len(self.axes), 0)
        return stages.padded(a, before, self._padded_shape, self._order("n", self.axes, "ci"))

    def _einsum(self, a: Any, b: Any) -> Any:
        kernel = self._taps(self.kernel)
        ci = te.reduce_axis((0, self._weight.padded_k), "ci")

        def dot(*at: Any) -> Any:
            n, spatial, co = self._unordered(at)
            read = a[tuple(self._order(n, self._at(spatial, kernel), self._channel(co, ci)))]
            weight = b[tuple(self._weight.at(kernel, ci, co))]
            return te.sum(stages.product(read, weight, self.dtypes), axis=[*kernel, ci])

        shape = self._order(self.n, self.spatial_out, self._weight.padded_n)
        return te.compute(
            tuple(shape), dot, name="C", varargs_names=self._order("n", self.axes, "co")
        )

    def _taps(self, kernel: Sequence[int]) -> list[Any]:
        """Reduction axes over a kernel."""
        sizes = zip(self.axes, kernel, strict=True)
        return [te.reduce_axis((0, size), f"k{axis}") for axis, size in sizes]

    def _at(self, spatial: Sequence[Any], kernel: Sequence[Any]) -> list[Any]:
        """Where in the padded input an element of C finds a tap."""
        return [i * self.stride + tap * self.dil for i, tap in zip(spatial, kernel, strict=True)]

    def _channel(self, co: Any, ci: Any) -> Any:
        """The channel of A that a channel of C reads."""
        return ci

    def _order(self, n: Any, spatial: Sequence[Any], *channel: Any) -> list[Any]:
        """Something of each axis, in the order of the layout."""
        if self.layout == "nhwc":
            return [n, *spatial, *channel]
        return [n, *channel, *spatial]

    def _unordered(self, at: Sequence[Any]) -> tuple[Any, list[Any], Any]:
        """The batch, the spatial axes and the channel of what `_order` made."""
        if self.layout == "nhwc":
            return at[0], list(at[1:-1]), at[-1]
        return at[0], list(at[2:]), at[1]

    def _compute(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        x = a if self.layout == "nhwc" else np.moveaxis(a, 1, -1)
        c = self._correlate(x, b)
        return c if self.layout == "nhwc" else np.ascontiguousarray(np.moveaxis(c, -1, 1))

    def _correlate(self, x: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        """C of A and B, channels last in A and C."""
        return taps.gather(x, b, self.spatial_out, self.stride, self.pad, self.dil, taps.dense)
