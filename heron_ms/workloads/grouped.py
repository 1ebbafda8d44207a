"""GRP: the grouped convolution, with groups as an axis of their own or hidden in the channels."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import PrimFunc, te
from heron_ms.errors import InvalidDimensionError
from heron_ms.workloads import stages, taps
from heron_ms.workloads.convolution import Convolution
from heron_ms.workloads.weights import WeightLayout


@dataclass(frozen=True)
class Grouped2d(Convolution):
    """GRP: C2D in which a channel of C sums over the channels of A in its own group only.

    B is (KH, KW, CI / G, CO). With ``split`` the einsum has the groups as an axis, so that it reads
    A at g x CI / G + ci, and a stage C_joined puts them back into the channels; a packed weight is
    then packed group by group, [KH, KW, G, ...]. Without ``split``, co is one axis and the read is
    at floordiv(co, CO / G) x CI / G + ci, which is what frameworks make.

    Raises what `Convolution` raises, and `InvalidDimensionError` if G does not divide CI and CO.
    """

    operator: ClassVar[str] = "grp"
    summary: ClassVar[str] = "grouped convolution along two axes"
    axes: ClassVar[tuple[str, ...]] = ("h", "w")

    n: int
    h: int
    w: int
    ci: int
    co: int
    kh: int
    kw: int
    stride: int
    pad: int
    dil: int
    groups: int
    split: bool = field(default=True, kw_only=True)

    def _check_sizes(self) -> None:
        super()._check_sizes()
        for name, size in (("CI", self.ci), ("CO", self.co)):
            if size % self.groups:
                raise InvalidDimensionError(
                    f"GROUPS must divide {name}, got {self.groups} for {size}"
                )

    @property
    def name(self) -> str:
        """Operator, sizes and options; unique, and fit for the name of a file."""
        return super().name if self.split else f"{super().name}-joined"

    @property
    def depth(self) -> int:
        """CI / G."""
        return self.ci // self.groups

    @property
    def width(self) -> int:
        """CO / G."""
        return self.co // self.groups

    def prim_func(self) -> PrimFunc:
        """The program, as a TensorIR function of A, B and C."""
        if not self.split:
            return super().prim_func()
        a = te.placeholder(self.a_shape, self.dtypes.a, name="A")
        b = te.placeholder(self._weight.shape, self.dtypes.b, name="B")
        c = self._result(self._by_group(self._padded(a), b))
        return self._function(a, b, self._joined(c))

    def arrange(self, b: NDArray[Any]) -> NDArray[Any]:
        """B (KH, KW, CI / G, CO) in the layout that the program takes."""
        if self._packed_by_group:
            b = np.moveaxis(b.reshape(*self.kernel, self.depth, self.groups, self.width), -2, -3)
        return self._weight.arrange(b)

    @property
    def _packed_by_group(self) -> bool:
        return self.split and self.weight == "packed"

    @property
    def _weight(self) -> WeightLayout:
        if self._packed_by_group:
            return self._weight_of((*self.kernel, self.groups), self.depth, self.width)
        return self._weight_of(self.kernel, self.depth, self.co)

    def _weight_at(self, kernel: list[Any], g: Any, ci: Any, co: Any) -> list[Any]:
        if self._packed_by_group:
            return self._weight.at([*kernel, g], ci, co)
        return self._weight.at(kernel, ci, g * self.width + co)

    def _by_group(self, a: Any, b: Any) -> Any:
        kernel = self._taps(self.kernel)
        ci = te.reduce_axis((0, self._weight.padded_k), "ci")

        def dot(*at: Any) -> Any:
            n, spatial, g, co = self._ungrouped(at)
            read = a[tuple(self._order(n, self._at(spatial, kernel), g * self.depth + ci))]
            weight = b[tuple(self._weight_at(kernel, g, ci, co))]
            return te.sum(stages.product(read, weight, self.dtypes), axis=[*kernel, ci])

        width = self._weight.padded_n if self._packed_by_group else self.width
        shape = self._order(self.n, self.spatial_out, self.groups, width)
        names = self._order("n", self.axes, "g", "co")
        return te.compute(tuple(shape), dot, name="C", varargs_names=names)

    def _joined(self, c: Any) -> Any:
        def element(*at: Any) -> Any:
            n, spatial, co = self._unordered(at)
            return c[tuple(self._order(n, spatial, co // self.width, co % self.width))]

        names = self._order("n", self.axes, "co")
        return te.compute(self.c_shape, element, name="C_joined", varargs_names=names)

    def _ungrouped(self, at: tuple[Any, ...]) -> tuple[Any, list[Any], Any, Any]:
        if self.layout == "nhwc":
            return at[0], list(at[1:-2]), at[-2], at[-1]
        return at[0], list(at[3:]), at[1], at[2]

    def _channel(self, co: Any, ci: Any) -> Any:
        return co // self.width * self.depth + ci

    def _correlate(self, x: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        contract = partial(taps.grouped, groups=self.groups)
        return taps.gather(x, b, self.spatial_out, self.stride, self.pad, self.dil, contract)
