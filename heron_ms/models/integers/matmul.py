"""Matrix products: of an activation and a weight, or of two activations as in attention."""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import relax
from heron_ms.models.integers.products import Sums, combined, operands
from heron_ms.models.integers.reader import Reader
from heron_ms.models.integers.values import Value, shape_of
from heron_ms.models.integers.view import View


def read_matmul(reader: Reader, call: Any) -> View | None:
    """The int32 product, if scales and zero points are the same along the reduction."""
    views = operands(reader, call)
    if views is None:
        return None
    a, b = views
    if min(len(a.shape), len(b.shape)) < 2:
        return None
    if not (_constant_along(-1, a.scale, a.zero) and _constant_along(-2, b.scale, b.zero)):
        return None
    arithmetic = reader.arithmetic
    left, right = arithmetic.expr(a.data), arithmetic.expr(b.data)
    sums = Sums(
        arithmetic.emit(relax.op.matmul(left, right, out_dtype="int32")),
        lambda: arithmetic.sum(a.data, (len(a.shape) - 1,)),
        lambda: arithmetic.sum(b.data, (len(b.shape) - 2,)),
        a.shape[-1],
    )
    scale = arithmetic.apply("multiply", a.scale, b.scale)
    return combined(reader, sums, scale, a.zero, b.zero)


def _constant_along(axis: int, *values: Value) -> bool:
    shapes = map(shape_of, values)
    return all(not shape or shape[axis] == 1 for shape in shapes)
