"""Averages: sums of integers, whose scale is divided by how many there are."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Any

import numpy as np

from heron_ms._tvm import te, tirx, topi
from heron_ms.models.integers.reader import Reader
from heron_ms.models.integers.values import is_known
from heron_ms.models.integers.view import View


def read_mean(reader: Reader, call: Any) -> View | None:
    """The mean over whole axes, as a global average pool has it."""
    view = reader.read(call.args[0])
    if view is None or not _can_sum(view):
        return None
    rank, axes = len(view.shape), call.attrs.axis
    axes = [int(axis) % rank for axis in (range(rank) if axes is None else axes)]
    keeps = bool(call.attrs.keepdims)

    def total(data: Any) -> Any:
        return topi.sum(topi.cast(data, "int32"), axes, keepdims=keeps)

    count = np.asarray(prod(view.shape[axis] for axis in axes))
    sums = reader.arithmetic.te(total, view.data, name="sum", reduces=True)
    return _averaged(view, sums, count, count)


def read_average_pool(reader: Reader, call: Any) -> View | None:
    """The average under a window, without what lies on padding or with it as zeros."""
    view, attrs = reader.read(call.args[0]), call.attrs
    if view is None or not _can_sum(view) or attrs.layout != attrs.out_layout:
        return None
    if attrs.ceil_mode and attrs.count_include_pad:
        return None
    windows = Windows(call, view.shape)
    inside = windows.inside()
    total = reader.arithmetic.te(windows.total, view.data, name="sum_pool", reduces=True)
    whole = np.full_like(inside, prod(windows.sizes))
    return _averaged(view, total, inside, whole if attrs.count_include_pad else inside)


def _can_sum(view: View) -> bool:
    return view.is_small and view.uniform and is_known(view.scale) and is_known(view.zero)


def _averaged(view: View, total: Any, inside: Any, divisor: Any) -> View:
    scale = view.scale / np.maximum(divisor, 1).astype("float32")
    return View(total, np.asarray(scale, "float32"), np.asarray(view.zero * inside, "int32"))


class Windows:
    """The windows of a pool: where they lie along each axis, and sums of integers under them."""

    def __init__(self, call: Any, shape: tuple[int, ...]) -> None:
        attrs = call.attrs
        self.sizes, self._strides, self._steps = (
            [int(extent) for extent in extents]
            for extents in (attrs.pool_size, attrs.strides, attrs.dilation)
        )
        self._begins = [int(extent) for extent in attrs.padding][: len(self.sizes)]
        self._axes = [at for at, letter in enumerate(str(attrs.layout)) if letter not in "NC"]
        self._shape, self._out = shape, tuple(int(extent) for extent in call.ty.shape)

    def inside(self) -> Any:
        """How many elements of a window are no padding; 1s along other axes, or one number."""
        counts = np.ones((1,) * len(self._shape), "int32")
        for spatial, axis in enumerate(self._axes):
            along = [self._count(spatial, at) for at in range(self._out[axis])]
            counts = counts * np.reshape(along, [-1 if p == axis else 1 for p in self._others])
        low, high = counts.min(), counts.max()
        return np.asarray(low, "int32") if low == high else counts.astype("int32")

    @property
    def _others(self) -> range:
        return range(len(self._shape))

    def _count(self, spatial: int, at: int) -> int:
        extent = self._shape[self._axes[spatial]]
        taps = range(self.sizes[spatial])
        return sum(0 <= self._position(spatial, at, tap) < extent for tap in taps)

    def _position(self, spatial: int, at: Any, tap: Any) -> Any:
        start = at * self._strides[spatial] - self._begins[spatial]
        return start + tap * self._steps[spatial]

    @property
    def _overhang(self) -> bool:
        """Whether any window reaches over a border."""
        ends = product(range(len(self._axes)), (0, -1))
        return any(
            self._count(spatial, at % self._out[self._axes[spatial]]) < self.sizes[spatial]
            for spatial, at in ends
        )

    def total(self, data: Any) -> Any:
        """The sums in TE."""
        taps = [te.reduce_axis((0, size), "tap") for size in self.sizes]

        def element(*out: Any) -> Any:
            indices = list(out)
            for spatial, axis in enumerate(self._axes):
                indices[axis] = self._position(spatial, out[axis], taps[spatial])
            number = data(*indices).astype("int32")
            return te.sum(self._guarded(number, indices), axis=taps)

        return te.compute(self._out, element, name="sum_pool")

    def _guarded(self, number: Any, indices: list[Any]) -> Any:
        if not self._overhang:
            return number
        bounds = [
            condition
            for axis in self._axes
            for condition in (indices[axis] >= 0, indices[axis] < self._shape[axis])
        ]
        return tirx.if_then_else(tirx.all(*bounds), number, tirx.const(0, "int32"))
