"""What a staged operand is to the rules: the block that copies it, and how to find or make one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import LoopRV, SBlockRV, Schedule, index_map
from heron_ms.hardware.memory import GLOBAL
from heron_ms.space_generators.free import feeds_copies, is_free
from heron_ms.tensorize.einsum import Einsum, Operand
from heron_ms.tensorize.layout import plain_axis


@dataclass(frozen=True)
class Pack:
    """The intrinsic that packs a tile of a weight, and which axis of tiles to walk first."""

    intrinsic: str
    depth_first: bool


@dataclass(frozen=True)
class Stage:
    """A block that copies an operand.

    source: the block that it copies from, if that is no argument. pack: how it packs, if it does.
    """

    block: SBlockRV
    source: SBlockRV | None = None
    pack: Pack | None = None


def producer(sch: Schedule, block: SBlockRV, read: int) -> SBlockRV | None:
    """The block that makes an operand for this one alone and can move to it, if there is one."""
    operand = sch.get(block).reads[read].source
    for maker in sch.get_producers(block):
        if sch.get(maker).writes[0].source.same_as(operand):
            return maker if is_free(sch, maker) and _has_one_reader(sch, maker) else None
    return None


def is_made_for(sch: Schedule, block: SBlockRV, read: int, mapped: Collection[str]) -> bool:
    """Whether an operand has a `producer`, and will still when the ``mapped`` blocks are tiled.

    These take their elementwise consumers with them.
    """
    maker = producer(sch, block, read)
    return maker is not None and not _follows(sch, maker, mapped)


def _follows(sch: Schedule, block: SBlockRV, mapped: Collection[str]) -> bool:
    return any(
        str(sch.get(maker).name_hint) in mapped
        or (is_free(sch, maker) and _follows(sch, maker, mapped))
        for maker in sch.get_producers(block)
    )


def inline_producers(sch: Schedule, stage: SBlockRV) -> None:
    """Let a copy compute what other blocks would have made for it, and for other copies."""
    for maker in sch.get_producers(stage):
        # Inlined into a sum, it would make an operand of it that no intrinsic loads.
        if is_free(sch, maker) and feeds_copies(sch, maker):
            inline_producers(sch, maker)
            sch.compute_inline(maker)


def _has_one_reader(sch: Schedule, block: SBlockRV) -> bool:
    # Of a copy: the question would be written into the trace.
    return len(sch.copy().get_consumers(block)) == 1


def copy(
    sch: Schedule, block: SBlockRV, operand: Operand, scope: str, *, indexed: bool
) -> SBlockRV:
    """A block that copies an operand for this block alone, which others may read as well.

    ``indexed``: with the operand's own dimensions; otherwise with one for each iterator.
    """
    if indexed:
        return sch.cache_read(block, operand.region, scope, consumer_blocks=[block])
    stage = sch.reindex(block, ("read", operand.region))
    if scope != GLOBAL:
        sch.set_scope(stage, 0, scope)
    return stage


def put_in(
    sch: Schedule, copy: SBlockRV, tile: tuple[int, int], intrinsic: str
) -> tuple[LoopRV, LoopRV]:
    """Let an intrinsic do the work of a block, tile by tile of its last two dimensions.

    Returns the loops over the tiles.
    """
    rows, columns = sch.get_loops(copy)[-2:]
    outer_rows, inner_rows = sch.split(rows, [None, tile[0]])
    outer_columns, inner_columns = sch.split(columns, [None, tile[1]])
    sch.reorder(outer_rows, outer_columns, inner_rows, inner_columns)
    sch.tensorize(inner_rows, intrinsic)
    return outer_rows, outer_columns


def axes_of(einsum: Einsum, operand: Operand) -> list[int | None]:
    """The iterator that each dimension of an operand is indexed by, where it is one alone."""
    return [plain_axis(einsum, index) for index in operand.indices]


def lay_out(
    sch: Schedule, stage: SBlockRV, order: Callable[..., Sequence[Any]], dimensions: int
) -> None:
    """Give a copy another layout, and its loops the order of that."""
    layout = index_map(order, dimensions)
    sch.transform_layout(stage, ("write", 0), layout)
    sch.transform_block_layout(stage, layout)


def last(*moved: int) -> Callable[..., list[Any]]:
    """The layout with some dimensions moved to the end, in this order."""

    def order(*index: Any) -> list[Any]:
        rest = [position for dimension, position in enumerate(index) if dimension not in moved]
        return [*rest, *(index[dimension] for dimension in moved)]

    return order
