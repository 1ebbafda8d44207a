"""Normalisation of iterators that a program reads in parts: ``co // 4``, ``ci % 8``.

Grouped convolution reads ``A[.., co // 16 * 8 + ci]``: co touches every operand, so nothing maps.
Split into (group, inner) by `transform_block_layout`, the group touches every operand and the inner
part only B and C, as an intrinsic's lanes do. The same holds for NCHWc and packed layouts.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from heron_ms._tvm import (
    Analyzer,
    FloorDiv,
    FloorMod,
    Range,
    collect,
    constant,
    substitute,
    tirx,
)
from heron_ms.tensorize.einsum import Axis, Einsum, Operand, touched

Splits = tuple[tuple[int, ...], ...]
"""For each iterator of a block, the extents that it is split into, outermost first."""


def splits_of(einsum: Einsum) -> Splits:
    """The parts in which the accesses use each iterator."""
    used = [index for operand in einsum.operands for index in operand.indices]
    return tuple(_parts(axis, _divisors(axis, used)) for axis in einsum.axes)


def split(einsum: Einsum, splits: Splits) -> Einsum:
    """The einsum over the parts; as it is where nothing is split."""
    if all(len(parts) == 1 for parts in splits):
        return einsum
    pieces = [_pieces(axis, parts) for axis, parts in zip(einsum.axes, splits, strict=True)]
    whole = {axis.var: _whole(parts) for axis, parts in zip(einsum.axes, pieces, strict=True)}
    axes = tuple(piece for parts in pieces for piece in parts)
    a, b, c = (rewrite(operand, whole, axes) for operand in einsum.operands)
    return replace(einsum, axes=axes, a=a, b=b, c=c)


def rewrite(operand: Operand, whole: dict[Any, Any], axes: tuple[Axis, ...]) -> Operand:
    """An operand with its iterators replaced by expressions of others, and simplified."""
    analyzer = Analyzer()
    for axis in axes:
        analyzer.bind(axis.var, Range(0, axis.extent))
    indices = tuple(analyzer.simplify(substitute(index, whole)) for index in operand.indices)
    return replace(operand, indices=indices, axes=touched(indices, axes))


def _divisors(axis: Axis, indices: list[Any]) -> set[int]:
    """Where an iterator is cut: c of every ``axis // c`` and ``axis % c``."""
    divisors: set[int] = set()
    for index in indices:
        for node in (*collect(index, FloorDiv), *collect(index, FloorMod)):
            divisor = constant(node.b)
            if divisor is not None and axis.var.same_as(node.a):
                divisors.add(divisor)
    return {divisor for divisor in divisors if 1 < divisor < axis.extent}


def _parts(axis: Axis, divisors: set[int]) -> tuple[int, ...]:
    """Extents of the parts; the whole where the cuts do not nest."""
    cuts = [axis.extent, *sorted(divisors, reverse=True), 1]
    if any(outer % inner for outer, inner in pairwise(cuts)):
        return (axis.extent,)
    return tuple(outer // inner for outer, inner in pairwise(cuts))


def _pieces(axis: Axis, parts: tuple[int, ...]) -> list[Axis]:
    if len(parts) == 1:
        return [axis]
    names = [f"{axis.name}{level}" for level in range(len(parts))]
    return [
        Axis(name, extent, axis.reduces, tirx.Var(name, axis.var.ty))
        for name, extent in zip(names, parts, strict=True)
    ]


def _whole(pieces: list[Axis]) -> Any:
    value = pieces[0].var
    for piece in pieces[1:]:
        value = value * piece.extent + piece.var
    return value
