"""What a staged operand is to the rules: the block that copies it, and how to find or make one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import SBlockRV, Schedule, index_map
from heron_ms.tensorize.einsum import Einsum, Operand
from heron_ms.tensorize.layout import plain_axis


@dataclass(frozen=True)
class Pack:
    """The intrinsic that packs a tile of a weight, and which axis of tiles to walk first."""

    intrinsic: str
    depth_first: bool


@dataclass(frozen=True)
class Stage:
    """A block that copies an operand, the block that it copies from if that is no argument, and
    how it packs, if it does."""

    block: SBlockRV
    source: SBlockRV | None = None
    pack: Pack | None = None


def producer(sch: Schedule, block: SBlockRV, read: int) -> SBlockRV | None:
    """The block that produces an operand, if it is not an argument."""
    operand = sch.get(block).reads[read].source
    for each in sch.get_producers(block):
        if sch.get(each).writes[0].source.same_as(operand):
            return each
    return None


def inline_producers(sch: Schedule, stage: SBlockRV) -> None:
    """Let a copy compute what other blocks would have made for it."""
    for each in sch.get_producers(stage):
        inline_producers(sch, each)
        sch.compute_inline(each)


def copy(sch: Schedule, block: SBlockRV, operand: Operand, *, indexed: bool) -> SBlockRV:
    """A block that copies an operand for this block alone, which others may read as well.

    ``indexed``: with the operand's own dimensions; otherwise with one for each iterator.
    """
    if indexed:
        return sch.cache_read(block, operand.region, "global", consumer_blocks=[block])
    return sch.reindex(block, ("read", operand.region))


def axes_of(einsum: Einsum, operand: Operand) -> list[int | None]:
    """The iterator that each dimension of an operand is indexed by, where it is one alone."""
    return [plain_axis(einsum, each) for each in operand.indices]


def lay_out(
    sch: Schedule, stage: SBlockRV, order: Callable[..., Sequence[Any]], dimensions: int
) -> None:
    """Give a copy another layout, and its loops the order of that."""
    layout = index_map(order, dimensions)
    sch.transform_layout(stage, ("write", 0), layout)
    sch.transform_block_layout(stage, layout)


def last(moved: int) -> Callable[..., list[Any]]:
    """The layout with one dimension moved to the end."""

    def order(*index: Any) -> list[Any]:
        rest = [each for dimension, each in enumerate(index) if dimension != moved]
        return [*rest, index[moved]]

    return order
