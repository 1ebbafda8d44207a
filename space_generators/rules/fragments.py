"""Fragments: what a warp multiplies lies in its lanes' registers, in the hardware's own layout.

Before: a tiled block of whole tiles that reads shared memory. After: in each turn of the inner
reduction ``ldmatrix`` brings tiles of A and B to buffers of scope "warp"; C accumulates in another
one, which a warp writes to memory when it is complete. Where the layout is the hardware's secret
(WMMA), an instruction writes the tile as it is, and what follows reads it from memory. Emits C4 and
C5 (registers).
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import SBlockRV, Schedule, index_map
from heron_ms.hardware.structure import REDUCTION, positions
from heron_ms.hardware.tensorcore import LOADED, SWIZZLE
from heron_ms.intrinsics.fragments import (
    FRAGMENT,
    TO_SHARED,
    Place,
    as_in_tile,
    fragment_of_a,
    fragment_of_b,
    fragment_of_c,
)
from heron_ms.intrinsics.intrinsic import Intrinsic
from heron_ms.space_generators.rules.epilogue import deal_out, join_readers, take_in
from heron_ms.space_generators.rules.sketching import Sketching
from heron_ms.space_generators.rules.stage import Stage, put_in
from heron_ms.space_generators.rules.through_shared import bring_to_shared, keep_apart, take_out
from heron_ms.space_generators.rules.written_back import written_back


def accumulate_in_fragments(sketching: Sketching) -> None:
    """S3: C lies in fragments inside of the level that holds it."""
    if sketching.choices.through_shared:
        bring_to_shared(sketching)
    else:
        sketching.write_back = written_back(sketching)


def load(sketching: Sketching) -> None:
    """S2: tiles of A and B come from shared memory to fragments, in each turn of the inner sum."""
    intrinsic, a, b = sketching.mapping.intrinsic, sketching.stages["A"], sketching.stages["B"]
    of_a, of_b, _ = _places(intrinsic)
    _load(sketching, "A", a, of_a, (intrinsic.rows, intrinsic.depth))
    tile = (intrinsic.lanes, intrinsic.depth)
    if b.pack is not None and b.pack.depth_first:
        _load(sketching, "B", b, lambda depth, lane: of_b(lane, depth), tile[::-1])
    else:
        _load(sketching, "B", b, of_b, tile)


def store(sketching: Sketching) -> None:
    """S3: a complete tile is written from the fragments, with what follows it computed there."""
    sch, intrinsic = sketching.sch, sketching.mapping.intrinsic
    copy = sketching.to_shared or sketching.write_back
    assert copy is not None, "the rule before makes one"
    tile = (intrinsic.rows, intrinsic.lanes)
    _, _, of_c = _places(intrinsic)
    _lay_out(sch, copy, "read", of_c, tile)
    if sketching.to_shared is not None:
        # Before the instruction is put in, since TVM copies no schedule whose last step that was.
        take_out(sketching)
        _, columns = put_in(sch, copy, tile, intrinsic.companions[TO_SHARED])
        keep_apart(sch, sch.get_child_blocks(columns)[0])
        return
    if _is_written_down(intrinsic) and take_in(sch, copy):
        deal_out(sch, copy)
        return
    if not _is_written_down(intrinsic):
        join_readers(sch, copy)
    put_in(sch, copy, tile, intrinsic.companions["C"])


def _is_written_down(intrinsic: Intrinsic) -> bool:
    """Whether it is known in which lane an element lies."""
    return intrinsic.scopes["C"] == FRAGMENT


def _places(intrinsic: Intrinsic) -> tuple[Place, Place, Place]:
    """Where the elements of A, B and C lie in a fragment."""
    if not _is_written_down(intrinsic):
        return as_in_tile, as_in_tile, as_in_tile
    return fragment_of_a(intrinsic.a_dtype), fragment_of_b(intrinsic.b_dtype), fragment_of_c


def _load(
    sketching: Sketching, operand: str, stage: Stage, place: Place, tile: tuple[int, int]
) -> None:
    sch, nest = sketching.sch, sketching.nest
    assert stage.pack is not None, "a stage of shared memory says how it is loaded"
    scope = sketching.mapping.intrinsic.scopes[operand]
    copy = sch.cache_read(sketching.block, _position(sch, sketching.block, stage), scope)
    sch.compute_at(
        copy, nest.inside(positions(nest.kinds, REDUCTION)[-1]), preserve_unit_loops=True
    )
    _lay_out(sch, copy, "write", place, tile)
    _, columns = put_in(sch, copy, tile, stage.pack.intrinsic)
    if sketching.choices.swizzled:
        sch.annotate(sch.get_child_blocks(columns)[0], SWIZZLE, f"{LOADED}{operand}")


def _position(sch: Schedule, block: SBlockRV, stage: Stage) -> int:
    """Which of a block's reads is that of what a stage copies."""
    buffer = sch.get(stage.block).writes[0].source
    reads = enumerate(sch.get(block).reads)
    return next(at for at, region in reads if region.source.same_as(buffer))


def _lay_out(sch: Schedule, copy: SBlockRV, side: str, place: Place, tile: tuple[int, int]) -> None:
    """Give the fragments of a copy the layout (..., tiles, tiles, place in the fragment)."""
    regions = sch.get(copy).writes if side == "write" else sch.get(copy).reads
    rows, columns = tile

    def order(*index: Any) -> list[Any]:
        *rest, row, column = index
        inside = place(row % rows, column % columns)
        return [*rest, row // rows, column // columns, *inside]

    dimensions = len(regions[0].source.shape)
    sch.transform_layout(copy, (side, 0), index_map(order, dimensions))
