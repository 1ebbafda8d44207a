"""The copy of the weight: packed into the intrinsic's tiles, in the program or ahead of it.

Before: ``B[k, j]``. After: ``B_packed[j/16, k/4, 16, 4]``, filled tile by tile.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import SBlockRV, Schedule, index_map
from heron_ms.hardware.memory import GLOBAL
from heron_ms.layout_free import PREPROC
from heron_ms.space_generators.choices import AHEAD, NONE, Place
from heron_ms.space_generators.rules.stage import (
    Pack,
    Stage,
    axes_of,
    copy,
    inline_producers,
    lay_out,
    producer,
)
from heron_ms.tensorize import Mapping
from heron_ms.tensorize.arrange import arranged
from heron_ms.tensorize.einsum import DEPTH, LANES, Einsum
from heron_ms.tensorize.layout import is_plain


def stage_weight(
    sch: Schedule, block: SBlockRV, mapping: Mapping, place: Place, scope: str
) -> Stage | None:
    """The stage of B for an arranged block; None where it is read in place."""
    if place is NONE:
        return None
    return (_pack_ahead if place is AHEAD else _pack)(sch, block, mapping, scope)


def _pack(sch: Schedule, block: SBlockRV, mapping: Mapping, scope: str) -> Stage:
    """A padded or gathered B is made first, row by row."""
    made = arranged(sch, block, mapping).b.region
    source = producer(sch, block, made) if scope == GLOBAL else None
    if source is not None:
        inline_producers(sch, source)
    layout = _plain_layout(arranged(sch, block, mapping), mapping)
    stage = _copied(sch, block, mapping, scope)
    einsum = arranged(sch, block, mapping)
    lay_out(sch, stage, _tiles(einsum, mapping), len(einsum.b.indices))
    intrinsic = mapping.intrinsic.pack.get(layout)
    if intrinsic is None:
        return Stage(stage, source)
    # Walking down a column of tiles would touch a page a row, and with a power of two as the row
    # stride one set of the cache.
    return Stage(stage, source, Pack(intrinsic, depth_first=layout == "kn"))


def _pack_ahead(sch: Schedule, block: SBlockRV, mapping: Mapping, scope: str) -> Stage:
    """In a block that stores what it loads at its own iterators, and nothing else.

    MetaSchedule reads the change of layout off the indices of that store, when it leaves the block
    out of what it measures.
    """
    stage = _copied(sch, block, mapping, scope)
    einsum = arranged(sch, block, mapping)
    layout = index_map(_tiles(einsum, mapping), len(einsum.b.indices))
    sch.transform_layout(stage, ("write", 0), layout)
    sch.annotate(stage, PREPROC, True)
    return Stage(stage)


def _copied(sch: Schedule, block: SBlockRV, mapping: Mapping, scope: str) -> SBlockRV:
    einsum = arranged(sch, block, mapping)
    return copy(sch, block, einsum.b, scope, indexed=is_plain(einsum, einsum.b))


def _plain_layout(einsum: Einsum, mapping: Mapping) -> str:
    """What the last two dimensions of B are, "kn" or "nk"; "" for any other layout."""
    axes = {
        mapping.loop(vector): name
        for vector, name in ((LANES, "n"), (DEPTH, "k"))
        if vector in mapping.tiles
    }
    return "".join(
        axes.get(axis, "") for axis in axes_of(einsum, einsum.b)[-2:] if axis is not None
    )


def _tiles(einsum: Einsum, mapping: Mapping) -> Any:
    """From the dimensions of B to (rest..., tiles..., inside of a tile...)."""
    at = axes_of(einsum, einsum.b)
    tiled = [(mapping.loop(v), tile) for v, tile in mapping.tiles.items() if mapping.loop(v) in at]
    # The tiles that one accumulator needs lie behind one another, also where a tile has no depth.
    inner = None if DEPTH in mapping.tiles else _innermost_reduction(einsum, at)

    def order(*index: Any) -> list[Any]:
        cut = [(index[at.index(loop)], tile) for loop, tile in tiled]
        loops = [loop for loop, _ in tiled]
        rest = [position for position, p in zip(index, at, strict=True) if p not in (*loops, inner)]
        along = [] if inner is None else [index[at.index(inner)]]
        inside = _grouped([i % tile for i, tile in cut], mapping)
        return [*rest, *(i // tile for i, tile in cut), *along, *inside]

    return order


def _grouped(inside: list[Any], mapping: Mapping) -> list[Any]:
    """The place in a tile, which is (lane, depth), as the intrinsic's B is laid out."""
    if mapping.intrinsic.b_layout != "knk":
        return inside
    lane, depth = inside
    return [depth // mapping.intrinsic.group, lane, depth % mapping.intrinsic.group]


def _innermost_reduction(einsum: Einsum, at: list[int | None]) -> int | None:
    return max((p for p in at if p is not None and einsum.axes[p].reduces), default=None)
