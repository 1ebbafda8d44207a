"""How an operand lies in memory beside what an intrinsic loads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from heron_ms._tvm import Analyzer, constant, tirx, uses
from heron_ms.tensorize.einsum import Axis, Einsum, Operand
from heron_ms.tensorize.splitting import rewrite

Tile = tuple[int, int]
"""An iterator, and the extent of the intrinsic's iterator that takes it over."""


def lies_in_place(
    einsum: Einsum,
    operand: Operand,
    tiles: Sequence[Tile],
    *,
    strided: bool = False,
    group: int = 0,
) -> bool:
    """Whether the last dimensions of an operand are the intrinsic's tile, compact, and no more.

    ``tiles`` are the intrinsic's iterators of the operand, outermost first: (lanes, depth) for B of
    a dot product. While they run through a tile, exactly these dimensions count. ``strided``: the
    rows of a tile may lie apart. ``group``: so many values of the depth lie side by side and the
    groups of a lane apart, as in (depth / group, lanes, group).
    """
    cuts = {axis: _cut(einsum.axes[axis], extent) for axis, extent in tiles}
    inner = {axis: [cut.inner] for axis, cut in cuts.items()}
    if group:
        depth = tiles[-1][0]
        fine = _cut(cuts[depth].inner, group)
        inner[depth] = [fine.outer, fine.inner]
    axes = [
        part
        for position, axis in enumerate(einsum.axes)
        for part in ([cuts[position].outer, *inner[position]] if position in cuts else [axis])
    ]
    whole = {einsum.axes[at].var: _whole(cut, inner[at]) for at, cut in cuts.items()}
    indices = rewrite(operand, whole, tuple(axes)).indices
    groups = [part for parts in inner.values() for part in parts[:-1]]
    wanted = [*groups, *(parts[-1] for parts in inner.values())]
    outer, tail = indices[: len(indices) - len(wanted)], indices[len(indices) - len(wanted) :]
    counted = [_counts(at, part) for at, part in zip(tail, wanted, strict=False)]
    compact = [constant(size) for size in operand.buffer.shape[len(indices) - len(wanted) + 1 :]]
    return (
        len(counted) == len(wanted)
        and all(counted)
        and (strided or compact == [part.extent for part in wanted[1:]])
        and not any(uses(at, part.var) for at in outer for part in wanted)
    )


def is_plain(einsum: Einsum, operand: Operand) -> bool:
    """Whether every index is an iterator of its own, as `pad_einsum` asks for."""
    positions = [plain_axis(einsum, index) for index in operand.indices]
    return None not in positions and len(set(positions)) == len(positions)


def plain_axis(einsum: Einsum, index: Any) -> int | None:
    """The iterator that an index is; None where it is an expression."""
    return next((p for p, axis in enumerate(einsum.axes) if axis.var.same_as(index)), None)


@dataclass(frozen=True)
class _Cut:
    outer: Axis
    inner: Axis


def _cut(axis: Axis, extent: int) -> _Cut:
    return _Cut(_named(axis, "outer", -(-axis.extent // extent)), _named(axis, "inner", extent))


def _named(axis: Axis, part: str, extent: int) -> Axis:
    name = f"{axis.name}_{part}"
    return replace(axis, name=name, extent=extent, var=tirx.Var(name, axis.var.ty))


def _whole(cut: _Cut, inner: Sequence[Axis]) -> Any:
    """An iterator in terms of the parts that it was cut into."""
    value = cut.outer.var
    for part in inner:
        value = value * part.extent + part.var
    return value


def _counts(index: Any, part: Axis) -> bool:
    """Whether an index is the part plus something that does not depend on it."""
    return not uses(Analyzer().simplify(index - part.var), part.var)
