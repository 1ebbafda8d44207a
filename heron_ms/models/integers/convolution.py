"""Convolutions, grouped and depthwise ones too, in any layout that names its axes by one letter."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from heron_ms._tvm import relax, tirx, topi
from heron_ms.models.integers.products import Sums, combined, operands
from heron_ms.models.integers.reader import Reader, operator_of
from heron_ms.models.integers.values import Value, is_known, is_single, is_zero, shape_of
from heron_ms.models.integers.view import View


def read_convolution(reader: Reader, call: Any) -> View | None:
    """The int32 convolution, if only the output channels have scales of their own."""
    views = operands(reader, call)
    if views is None or call.attrs.data_layout != call.attrs.out_layout:
        return None
    x, weight = views
    outputs = str(call.attrs.kernel_layout).index("O")
    if not x.uniform or not all(_only_along(outputs, v) for v in (weight.scale, weight.zero)):
        return None
    return Convolution(reader, call, x, weight).view()


class Convolution:
    """One convolution of two views of 8-bit integers."""

    def __init__(self, reader: Reader, call: Any, x: View, weight: View) -> None:
        self._reader, self._arithmetic = reader, reader.arithmetic
        self._call, self._attrs = call, call.attrs
        self._x, self._weight = x, weight
        self._outputs = str(self._attrs.kernel_layout).index("O")
        self._channels = str(self._attrs.data_layout).index("C")
        self._padding = [int(extent) for extent in self._attrs.padding]

    def view(self) -> View | None:
        """The view of the output."""
        x, weight = self._arithmetic.expr(self._x.data), self._arithmetic.expr(self._weight.data)
        sums = Sums(
            self._of(x, weight),
            lambda: self._sum_of_data(x),
            self._sum_of_weight,
            prod(self._weight.shape) // self._weight.shape[self._outputs],
        )
        scale = self._arithmetic.apply("multiply", self._x.scale, self._channelwise("scale"))
        return combined(self._reader, sums, scale, self._x.zero, self._channelwise("zero"))

    def _of(self, x: Any, weight: Any) -> Any:
        if any(self._padding) and not is_zero(self._x.zero):
            return self._bordered(x, weight)
        function = getattr(relax.op.nn, operator_of(self._call).removeprefix("nn."))
        attrs = self._attrs
        call = function(
            x,
            weight,
            strides=list(attrs.strides),
            padding=self._padding,
            dilation=list(attrs.dilation),
            groups=attrs.groups,
            data_layout=attrs.data_layout,
            kernel_layout=attrs.kernel_layout,
            out_dtype="int32",
        )
        return self._arithmetic.emit(call)

    def _bordered(self, x: Any, weight: Any) -> Any:
        """The convolution of data with a border of zero points, which stand for zero.

        Relax's convolution knows no border but zeros, and its pad would be a task of its own.
        """
        attrs, (before, after) = self._attrs, self._borders()
        zero = self._x.zero

        def convolved(data: Any, kernel: Any, *variable: Any) -> Any:
            # A number in the function, where it is known, and no argument.
            border = _single(variable[0]) if variable else tirx.const(int(zero), "int32")
            padded = topi.nn.pad(data, before, after, border.astype(data.dtype))
            layouts = (str(attrs.data_layout), str(attrs.kernel_layout))
            geometry = (list(attrs.strides), [0] * len(self._padding), list(attrs.dilation))
            return topi.nn.conv(padded, kernel, *geometry, int(attrs.groups), *layouts, "int32")

        operands = [x, weight] if is_known(zero) else [x, weight, zero]
        name = operator_of(self._call).removeprefix("nn.")
        return self._arithmetic.te(convolved, *operands, name=name)

    def _borders(self) -> tuple[list[int], list[int]]:
        """Elements before and after the data, along each axis."""
        spatial = iter(range(len(self._padding) // 2))
        ends = len(self._padding) // 2
        axes = [None if letter in "NC" else next(spatial) for letter in self._attrs.data_layout]
        before = [0 if axis is None else self._padding[axis] for axis in axes]
        after = [0 if axis is None else self._padding[axis + ends] for axis in axes]
        return before, after

    def _channelwise(self, name: str) -> Value:
        """Scale or zero point of the weight as it broadcasts to the output."""
        value = getattr(self._weight, name)
        return self._arithmetic.along(value, self._channels, len(self._weight.shape))

    def _sum_of_weight(self) -> Value:
        rank = len(self._weight.shape)
        axes = tuple(axis for axis in range(rank) if axis != self._outputs)
        total = self._arithmetic.sum(self._weight.data, axes)
        return self._arithmetic.along(total, self._channels, rank)

    def _sum_of_data(self, x: Any) -> Value:
        """The sum of the data under each position of the kernel: a convolution with ones."""
        groups, shape = int(self._attrs.groups), list(self._weight.shape)
        each = shape[self._outputs] // groups
        shape[self._outputs] = groups
        total = self._of(x, self._arithmetic.expr(np.ones(shape, "int8")))
        if groups == 1 or each == 1:
            return total
        return self._arithmetic.emit(relax.op.repeat(total, each, self._channels))


def _only_along(axis: int, value: Value) -> bool:
    shape = shape_of(value)
    return is_single(value) or all(n == 1 or at == axis for at, n in enumerate(shape))


def _single(tensor: Any) -> Any:
    """The element of a tensor of TE that has one."""
    return tensor[(0,) * len(tensor.shape)]
