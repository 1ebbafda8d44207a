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
    einsum: Einsum, operand: Operand, tiles: Sequence[Tile], *, strided: bool = False
) -> bool:
    """Whether the last dimensions of an operand are the intrinsic's tile, compact, and no more.

    ``tiles`` are the intrinsic's iterators of the operand, outermost first: (lanes, depth) for B of
    a dot product. While they run through a tile, exactly these dimensions count. ``strided``: the
    rows of a tile may lie apart.
    """
    cuts = {axis: _cut(einsum.axes[axis], extent) for axis, extent in tiles}
    axes = [
        part
        for position, axis in enumerate(einsum.axes)
        for part in _parts(cuts.get(position), axis)
    ]
    whole = {einsum.axes[position].var: cut.whole for position, cut in cuts.items()}
    indices = rewrite(operand, whole, tuple(axes)).indices
    outer, tail = indices[: len(indices) - len(tiles)], indices[len(indices) - len(tiles) :]
    counted = [_counts(at, cuts[axis].inner) for at, (axis, _) in zip(tail, tiles, strict=False)]
    compact = [constant(size) for size in operand.buffer.shape[len(indices) - len(tiles) + 1 :]]
    return (
        len(counted) == len(tiles)
        and all(counted)
        and (strided or compact == [extent for _, extent in tiles[1:]])
        and not any(uses(at, cut.inner.var) for at in outer for cut in cuts.values())
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

    @property
    def whole(self) -> Any:
        return self.outer.var * self.inner.extent + self.inner.var


def _cut(axis: Axis, extent: int) -> _Cut:
    return _Cut(_named(axis, "outer", -(-axis.extent // extent)), _named(axis, "inner", extent))


def _named(axis: Axis, part: str, extent: int) -> Axis:
    name = f"{axis.name}_{part}"
    return replace(axis, name=name, extent=extent, var=tirx.Var(name, axis.var.ty))


def _parts(cut: _Cut | None, axis: Axis) -> list[Axis]:
    return [axis] if cut is None else [cut.outer, cut.inner]


def _counts(index: Any, part: Axis) -> bool:
    """Whether an index is the part plus something that does not depend on it."""
    return not uses(Analyzer().simplify(index - part.var), part.var)
