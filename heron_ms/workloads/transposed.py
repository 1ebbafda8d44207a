"""T2D: the transposed convolution, in polyphase form (`Phases`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import PrimFunc, te, tirx
from heron_ms.errors import InvalidDimensionError
from heron_ms.workloads import stages, taps
from heron_ms.workloads.convolution import Convolution
from heron_ms.workloads.phases import Phases
from heron_ms.workloads.weights import WeightLayout


@dataclass(frozen=True)
class Transposed2d(Convolution):
    """T2D: every input element adds the kernel, times itself, to a window of C (Heron, workloads).

    C has (H - 1) x stride - 2 x pad + (KH - 1) x dil + 1 + out_pad rows. B is (KH, KW, CI, CO),
    which `arrange` splits into [*phases, *taps, CI, CO], the phases left out along an axis where
    only one has taps. Where the stride is above one, a stage T puts the phases of C together and
    writes the zeros between them. Operations are those of taps that meet an input or the padding.

    Raises what `Convolution` raises, and `InvalidDimensionError` for both a stride and a dilation.
    """

    operator: ClassVar[str] = "t2d"
    summary: ClassVar[str] = "transposed convolution along two axes"
    axes: ClassVar[tuple[str, ...]] = ("h", "w")
    may_be_zero: ClassVar[frozenset[str]] = frozenset({"pad", "out_pad"})

    n: int
    h: int
    w: int
    ci: int
    co: int
    kh: int
    kw: int
    stride: int
    pad: int
    dil: int = 1
    out_pad: int = 0

    def _check_sizes(self) -> None:
        super()._check_sizes()
        if self.stride > 1 and self.dil > 1:
            raise InvalidDimensionError(
                f"t2d takes a stride or a dilation, not both: got STRIDE {self.stride} and "
                f"DIL {self.dil}"
            )

    @property
    def phases(self) -> tuple[Phases, ...]:
        """The polyphase form along each axis."""
        sizes = zip(self.spatial, self.spatial_out, self.kernel, strict=True)
        return tuple(Phases(*extents, self.stride, self.pad, self.dil) for extents in sizes)

    @property
    def spatial_out(self) -> tuple[int, ...]:
        """Extents of the spatial axes of C."""
        return tuple(
            (size - 1) * self.stride - 2 * self.pad + (k - 1) * self.dil + 1 + self.out_pad
            for size, k in zip(self.spatial, self.kernel, strict=True)
        )

    @property
    def reduction(self) -> int:
        """Products of an element of C in the phase that has most of them."""
        return int(np.prod([form.taps for form in self.phases])) * self.ci

    @property
    def operations(self) -> int:
        """Two for each product of an element of C with a tap that meets an input or the padding."""
        products = int(np.prod([form.products for form in self.phases]))
        return 2 * self.n * self.co * self.ci * products

    def prim_func(self) -> PrimFunc:
        """The program, as a TensorIR function of A, B and C."""
        if self.stride == 1:
            return super().prim_func()
        a = te.placeholder(self.a_shape, self.dtypes.a, name="A")
        b = te.placeholder(self._weight.shape, self.dtypes.b, name="B")
        c = self._result(self._einsum(self._padded(a), b))
        return self._function(a, b, self._interleaved(c))

    def arrange(self, b: NDArray[Any]) -> NDArray[Any]:
        """B (KH, KW, CI, CO) as [*phases, *taps, CI, CO], in the layout that the program takes."""
        rank = len(self.axes)
        for axis in reversed(range(rank)):
            b = self.phases[axis].split(b, axis)
        b = b.transpose(*range(0, 2 * rank, 2), *range(1, 2 * rank, 2), 2 * rank, 2 * rank + 1)
        return self._weight.arrange(b.reshape(*self._weight.lead, self.ci, self.co))

    @property
    def _weight(self) -> WeightLayout:
        kernel = tuple(form.taps for form in self.phases)
        return self._weight_of((*self._phased(self.phases), *kernel), self.ci, self.co)

    @property
    def _padded_shape(self) -> tuple[int, ...]:
        spatial = [form.padded for form in self.phases]
        return tuple(self._order(self.n, spatial, self._weight.padded_k))

    def _padded(self, a: Any) -> Any:
        before = self._order(0, [form.before for form in self.phases], 0)
        return stages.padded(a, before, self._padded_shape, self._order("n", self.axes, "ci"))

    def _einsum(self, a: Any, b: Any) -> Any:
        kernel = self._taps([form.taps for form in self.phases])
        ci = te.reduce_axis((0, self._weight.padded_k), "ci")
        counts = self._phased(self.phases)

        def dot(*at: Any) -> Any:
            n, spatial, co = self._unordered(at)
            phase, place = spatial[: len(counts)], spatial[len(counts) :]
            position = [i + tap * self.dil for i, tap in zip(place, kernel, strict=True)]
            weight = b[tuple(self._weight.at([*phase, *kernel], ci, co))]
            read = a[tuple(self._order(n, position, ci))]
            return te.sum(stages.product(read, weight, self.dtypes), axis=[*kernel, ci])

        extents = [*counts, *(form.extent for form in self.phases)]
        names = [*self._phased_names, *self.axes]
        shape = self._order(self.n, extents, self._weight.padded_n)
        return te.compute(tuple(shape), dot, name="C", varargs_names=self._order("n", names, "co"))

    def _interleaved(self, c: Any) -> Any:
        zero = tirx.const(0, self.dtypes.result)

        def element(*at: Any) -> Any:
            n, spatial, co = self._unordered(at)
            pairs = list(zip(self.phases, spatial, strict=True))
            phase = [form.phase(y) for form, y in pairs if form.count > 1]
            place = [form.position(y) for form, y in pairs]
            tapped = [form.phase(y) < form.count for form, y in pairs if form.count < self.stride]
            return stages.where(tapped, c[tuple(self._order(n, [*phase, *place], co))], zero)

        names = self._order("n", self.axes, "co")
        return te.compute(self.c_shape, element, name="T", varargs_names=names)

    def _phased(self, phases: Sequence[Phases]) -> tuple[int, ...]:
        return tuple(form.count for form in phases if form.count > 1)

    @property
    def _phased_names(self) -> list[str]:
        pairs = zip(self.axes, self.phases, strict=True)
        return [f"p{axis}" for axis, form in pairs if form.count > 1]

    def _correlate(self, x: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        return taps.scatter(x, b, self.spatial_out, self.stride, self.pad, self.dil)
