"""The stages that programs are made of: padding, the product of an einsum, cropping."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from heron_ms._tvm import te, tirx
from heron_ms.workloads.dtypes import Dtypes

SHIFT, HIGHEST = 8, 127
"""Of a requantised result: the bits that are shifted out, and what is clipped to (from 0)."""


def product(a: Any, b: Any, dtypes: Dtypes) -> Any:
    """cast(a) * cast(b) in the type of the accumulator; no cast where they have it already."""
    return _cast(a, dtypes.a, dtypes.c) * _cast(b, dtypes.b, dtypes.c)


def padded(a: Any, before: Sequence[int], shape: Sequence[int], axes: Sequence[str]) -> Any:
    """``a`` moved by ``before`` along each axis into ``shape``, with zeros around it.

    What a negative ``before`` moves out of the shape is cropped. Where nothing changes, there is no
    stage.
    """
    inside = [int(extent) for extent in a.shape]
    if not any(before) and inside == list(shape):
        return a
    zero = tirx.const(0, a.dtype)

    def element(*at: Any) -> Any:
        value = a[tuple(i - shift for i, shift in zip(at, before, strict=True))]
        bounds = zip(at, before, inside, shape, strict=True)
        conditions = [condition for bound in bounds for condition in _within(*bound)]
        return where(conditions, value, zero)

    return te.compute(tuple(shape), element, name="A_padded", varargs_names=list(axes))


def cropped(c: Any, shape: Sequence[int], axes: Sequence[str]) -> Any:
    """The leading part of ``c`` of a shape; no stage where that is all of it."""
    if [int(extent) for extent in c.shape] == list(shape):
        return c
    return te.compute(tuple(shape), lambda *at: c[at], name="C_cropped", varargs_names=list(axes))


def requantised(c: Any) -> Any:
    """``c`` as bytes: min(max(c >> SHIFT, 0), HIGHEST)."""

    def element(*at: Any) -> Any:
        shifted = tirx.max(c[at] >> SHIFT, tirx.const(0, c.dtype))
        return tirx.min(shifted, tirx.const(HIGHEST, c.dtype)).astype("int8")

    return te.compute(c.shape, element, name="C_requantised")


def where(conditions: Sequence[Any], value: Any, otherwise: Any) -> Any:
    """``value`` where all conditions hold; without a condition, ``value``."""
    if not conditions:
        return value
    return tirx.if_then_else(reduce(tirx.And, conditions), value, otherwise)


def _within(i: Any, before: int, inside: int, extent: int) -> list[Any]:
    """Conditions for index ``i`` to fall on the data, without those that always hold."""
    left = [i >= before] if before > 0 else []
    return left + ([i < before + inside] if before + inside < extent else [])


def _cast(value: Any, dtype: str, wanted: str) -> Any:
    return value if dtype == wanted else value.astype(wanted)
