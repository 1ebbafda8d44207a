"""S1 Tensorize (Heron's generation rules): the inner tile of a matched block becomes the intrinsic.

Before: ``for i, j, k: C[i, j] += A[i, k] * B[k, j]``. After padding, packing and blockizing:
``for i, j/16, k/4: C_o`` where C_o is one intrinsic and B is a buffer (N/16, K/4, 16, 4).
Emits (through the constraint rules): C1 for the two constant splits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import SBlockRV, Schedule, tirx
from heron_ms.intrinsics import PACK_INTRINSICS
from heron_ms.space_generators.choices import Choices, Level
from heron_ms.tensorize import Match


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


@dataclass(frozen=True)
class Tensorized:
    """The outer block, and the stages of its operands (None where read in place)."""

    block: SBlockRV
    a_stage: Stage | None
    b_stage: Stage | None


def tensorize(sch: Schedule, match: Match, choices: Choices) -> Tensorized:
    """Pad, pack and blockize; the intrinsic itself is put in when the loops are final."""
    block = sch.get_sblock(match.block)
    _pad(sch, block, match, choices)
    b_stage = None if match.weight == "packed" else _pack(sch, block, match)
    a_stage = _stage_a(sch, block, match, choices)
    return Tensorized(_blockize(sch, block, match), a_stage, b_stage)


def _pad(sch: Schedule, block: SBlockRV, match: Match, choices: Choices) -> None:
    if choices.padded == match.extents:
        return
    # pad_einsum takes only plain indices, so a packed weight is read through a view that is
    # inlined again; its own padding is part of its layout.
    view = sch.reindex(block, ("read", match.b)) if match.weight == "packed" else None
    sch.pad_einsum(block, list(choices.padded))
    if view is not None:
        sch.compute_inline(view)


def _pack(sch: Schedule, block: SBlockRV, match: Match) -> Stage:
    """B as (N/16, K/4, 16, 4), by the packing intrinsic; a padded B is padded first, row by row."""
    lanes, depth = match.intrinsic.lanes, match.intrinsic.depth
    source = _producer(sch, block, match.b)
    if source is not None:
        _inline_producers(sch, source)
    stage = sch.cache_read(block, match.b, "global")

    def tiles(*index: Any) -> list[Any]:
        *outer, first, last = index
        k, n = (first, last) if match.weight == "kn" else (last, first)
        return [*outer, n // lanes, k // depth, n % lanes, k % depth]

    dimensions = len(sch.get(stage).writes[0].source.shape)
    layout = tirx.IndexMap.from_func(tiles, ndim=dimensions, index_dtype="int32")
    sch.transform_layout(stage, ("write", 0), layout)
    sch.transform_block_layout(stage, layout)
    # Walking down a column of tiles would touch a page a row, and with a power of two as the row
    # stride one set of the cache.
    pack = Pack(PACK_INTRINSICS[match.weight], depth_first=match.weight == "kn")
    return Stage(stage, source, pack)


def _stage_a(sch: Schedule, block: SBlockRV, match: Match, choices: Choices) -> Stage | None:
    stage = _producer(sch, block, match.a)
    if stage is None:
        if choices.a is Level.NONE:
            return None
        return Stage(sch.cache_read(block, match.a, "global"))
    _inline_producers(sch, stage)
    return Stage(stage)


def _blockize(sch: Schedule, block: SBlockRV, match: Match) -> SBlockRV:
    loops = sch.get_loops(block)
    lanes_outer, lanes = sch.split(loops[match.lanes], [None, match.intrinsic.lanes])
    depth_outer, depth = sch.split(loops[match.depth], [None, match.intrinsic.depth])
    outer = [loops[p] for p in range(len(loops)) if p not in (match.lanes, match.depth)]
    sch.reorder(*outer, lanes_outer, depth_outer, lanes, depth)
    return sch.blockize(lanes)


def _producer(sch: Schedule, block: SBlockRV, read: int) -> SBlockRV | None:
    """The block that produces an operand, if it is not an argument."""
    operand = sch.get(block).reads[read].source
    for producer in sch.get_producers(block):
        if sch.get(producer).writes[0].source.same_as(operand):
            return producer
    return None


def _inline_producers(sch: Schedule, stage: SBlockRV) -> None:
    for producer in sch.get_producers(stage):
        _inline_producers(sch, producer)
        sch.compute_inline(producer)
