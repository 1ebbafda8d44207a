"""The axes of an einsum along which a window slides over one of its factors.

``A[.., p * stride + t * dilation + offset, ..]`` for a spatial iterator p, which is also an index
of C, and a reduction t.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import any_uses, constant, detect_linear_equation
from heron_ms.normalization.runs import Window
from heron_ms.tensorize.einsum import Axis, Einsum, Operand


@dataclass(frozen=True)
class Sliding:
    """A window along dimension ``dim`` of a factor and dimension ``out`` of C.

    ``output`` and ``tap`` are the positions of the two iterators in the block.
    """

    dim: int
    out: int
    output: int
    tap: int
    window: Window


@dataclass(frozen=True)
class Linear:
    """The sum of coefficient x iterator over ``terms``, by position, and ``offset``."""

    terms: dict[int, int]
    offset: int


def slidings(einsum: Einsum, factor: Operand) -> list[Sliding]:
    """The windows that slide over a factor, in the order of its dimensions."""
    windows = [_sliding(einsum, factor, dim) for dim in range(len(factor.indices))]
    return [window for window in windows if window is not None]


def _sliding(einsum: Einsum, factor: Operand, dim: int) -> Sliding | None:
    linear = read_linear(einsum.axes, factor.indices[dim])
    if linear is None or not _is_alone(linear, factor, dim, einsum):
        return None
    spatial = [p for p in linear.terms if not einsum.axes[p].reduces]
    reduced = [p for p in linear.terms if einsum.axes[p].reduces]
    if (len(spatial), len(reduced)) != (1, 1) or min(linear.terms.values()) < 1:
        return None
    p, t = spatial[0], reduced[0]
    out = [d for d, index in enumerate(einsum.c.indices) if einsum.axes[p].var.same_as(index)]
    if not out:
        return None
    extents = einsum.axes[p].extent, einsum.axes[t].extent
    window = Window(*extents, linear.terms[p], linear.terms[t], linear.offset)
    return Sliding(dim, out[0], p, t, window)


def read_linear(axes: Sequence[Axis], index: Any) -> Linear | None:
    """An index as a sum of iterators; None where it is none."""
    equation = detect_linear_equation(index, [axis.var for axis in axes])
    values = [constant(term) for term in equation]
    if len(values) != len(axes) + 1 or None in values:
        return None
    *coefficients, offset = (int(value or 0) for value in values)
    return Linear({p: value for p, value in enumerate(coefficients) if value}, offset)


def _is_alone(linear: Linear, factor: Operand, dim: int, einsum: Einsum) -> bool:
    """Whether the iterators of a dimension index no other dimension of the factor."""
    others = [index for d, index in enumerate(factor.indices) if d != dim]
    return not any(any_uses(others, einsum.axes[p].var) for p in linear.terms)
