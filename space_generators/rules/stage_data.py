"""The copy of the data: padded, gathered or laid out anew, with the intrinsic's depth last.

Before: ``A[n, c, h, w]``, or a block that pads it. After: ``A_copy[n, h, w, c]``, of which the
intrinsic loads a piece of c at once.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import SBlockRV, Schedule, uses
from heron_ms.hardware.memory import GLOBAL
from heron_ms.space_generators.choices import NONE, Place
from heron_ms.space_generators.rules.stage import (
    Stage,
    axes_of,
    copy,
    inline_producers,
    last,
    lay_out,
    producer,
)
from heron_ms.tensorize import Mapping
from heron_ms.tensorize.arrange import arranged
from heron_ms.tensorize.einsum import DEPTH, ROWS, Einsum, Vector


def stage_data(
    sch: Schedule, block: SBlockRV, mapping: Mapping, place: Place, scope: str
) -> Stage | None:
    """The stage of A for an arranged block; None where it is read in place."""
    einsum = arranged(sch, block, mapping)
    # What makes an operand cannot write to a memory of its own kind, of which it is copied then.
    stage = producer(sch, block, einsum.a.region) if scope == GLOBAL else None
    if stage is not None:
        inline_producers(sch, stage)
    elif place is NONE:
        return None
    else:
        indexed = _dimension(einsum, mapping, DEPTH) is not None
        stage = copy(sch, block, einsum.a, scope, indexed=indexed)
    _put_tile_last(sch, block, mapping, stage)
    return Stage(stage)


def _put_tile_last(sch: Schedule, block: SBlockRV, mapping: Mapping, stage: SBlockRV) -> None:
    einsum = arranged(sch, block, mapping)
    dimensions = len(einsum.a.indices)
    tile = [d for v in (ROWS, DEPTH) if (d := _dimension(einsum, mapping, v)) is not None]
    if _dimension(einsum, mapping, DEPTH) is not None:
        if tile != list(range(dimensions))[-len(tile) :]:
            lay_out(sch, stage, last(*tile), dimensions)
    elif DEPTH in mapping.tiles and not mapping.in_place("A"):
        lay_out(sch, stage, _last_part(einsum, mapping.loop(DEPTH)), dimensions)


def _dimension(einsum: Einsum, mapping: Mapping, vector: Vector) -> int | None:
    """The dimension of A that the rows or the depth of a tile index alone."""
    if vector not in mapping.tiles:
        return None
    at, axis = axes_of(einsum, einsum.a), mapping.loop(vector)
    return at.index(axis) if axis in at else None


def _last_part(einsum: Einsum, axis: int) -> Any:
    """The dimension that an axis walks in blocks, such as the channels of a group, cut in two."""
    var, extent = einsum.axes[axis].var, einsum.axes[axis].extent
    cut = next(d for d, at in enumerate(einsum.a.indices) if uses(at, var))

    def order(*index: Any) -> list[Any]:
        outer = [position // extent if d == cut else position for d, position in enumerate(index)]
        return [*outer, index[cut] % extent]

    return order
