"""The epilogue of a product in fragments: each lane computes what follows of the elements it holds.

Before: a warp's tile of C is complete in fragments, and ``D[i, j] = relu(C[i, j] + bias[j])`` reads
it from memory. After: ``for tiles: threadIdx.x | elements: D[i, j] = relu(C_warp[..] + bias[j])``,
with loops in the order in which the hardware deals out a tile, so that no element leaves its lane.
What crops, casts or adds a residual is computed on the way as well. Emits C1, C2 and C4.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from heron_ms._tvm import SBlockRV, Schedule
from heron_ms.hardware.tensorcore import LANE
from heron_ms.intrinsics.fragments import PARTS_OF_COLUMN, PARTS_OF_ROW
from heron_ms.space_generators.free import feeds_copies, is_free
from heron_ms.space_generators.rules.s3_multi_scope import fuse_consumers, goes


def take_in(sch: Schedule, copy: SBlockRV) -> bool:
    """Let what writes a tile to memory compute what follows it, and tell whether anything does."""
    first = _written(sch, copy)
    take_in_each(sch, copy, partial(_leaves_lanes, sch, copy))
    return not _written(sch, copy).same_as(first)


def join_readers(sch: Schedule, copy: SBlockRV) -> None:
    """Let what follows a copy elementwise be one block, where none of it can be in the copy."""
    _join(sch, copy)
    for reader in sch.get_consumers(copy):
        if is_free(sch, reader):
            take_in_each(sch, reader)


def take_in_each(
    sch: Schedule, copy: SBlockRV, wanted: Callable[[SBlockRV], bool] = lambda _: True
) -> None:
    """Let a copy compute whatever follows elementwise and is wanted, joins of several too."""
    while True:
        before = _written(sch, copy)
        _join(sch, copy)
        fuse_consumers(sch, copy, wanted)
        if _written(sch, copy).same_as(before):
            return


def _leaves_lanes(sch: Schedule, copy: SBlockRV, reader: SBlockRV) -> bool:
    """Whether a tile can be dealt out still with a reader in it; not so one that interleaves."""
    inline = partial(Schedule.reverse_compute_inline, block=reader)

    def both(trial: Schedule) -> None:
        inline(trial)
        deal_out(trial, copy)

    return not goes(sch, inline) or goes(sch, both)


def _written(sch: Schedule, copy: SBlockRV) -> Any:
    return sch.get(copy).writes[0].source


def _join(sch: Schedule, block: SBlockRV) -> None:
    """Of several readers, such as the two factors of a GELU, leave the one that the others feed."""
    while len(readers := sch.get_consumers(block)) > 1:
        moved = next((reader for reader in readers if _moves(sch, reader)), None)
        if moved is None:
            return
        sch.compute_inline(moved)


def _moves(sch: Schedule, reader: SBlockRV) -> bool:
    step = partial(Schedule.compute_inline, block=reader)
    return is_free(sch, reader) and feeds_copies(sch, reader) and goes(sch, step)


def deal_out(sch: Schedule, copy: SBlockRV) -> None:
    """Give each lane of a warp the elements of a tile that it holds (`fragment_of_c`)."""
    rows, columns = sch.get_loops(copy)[-2:]
    tall, half, row = sch.split(rows, [None, *PARTS_OF_ROW])
    wide, side, pair, element = sch.split(columns, [None, *PARTS_OF_COLUMN])
    sch.reorder(tall, wide, row, pair, side, half, element)
    sch.bind(sch.fuse(row, pair), LANE)
