"""Any mapping carried out as it stands: every operand gathered, the block tiled, the intrinsic in.

Slow, and right for every mapping and every intrinsic: what the space rules do with fewer copies can
be compared with it, and a mapping for a machine that is not here can be run by its description.
"""

from __future__ import annotations

from dataclasses import replace

from heron_ms._tvm import LoopRV, SBlockRV, Schedule
from heron_ms.tensorize.arrange import arrange
from heron_ms.tensorize.mapping import Mapping
from heron_ms.tensorize.padding import up


def realize(sch: Schedule, mapping: Mapping, intrinsic: str) -> None:
    """Tensorize the mapping's block by an intrinsic that TVM knows by that name.

    Raises TVM's ScheduleError if the intrinsic's description is not what the block computes.
    """
    gathered = replace(mapping, gathers=True)
    block = sch.get_sblock(mapping.block)
    block = arrange(sch, block, gathered, padded_extents(gathered))
    outer = blockize(sch, block, gathered)
    sch.decompose_reduction(outer, sch.get_loops(outer)[0])
    sch.tensorize(outer, intrinsic)


def padded_extents(mapping: Mapping) -> tuple[int, ...]:
    """The extents of ``mapping.loops``, rounded up to the intrinsic's tile."""
    extents = list(mapping.extents)
    for vector, tile in mapping.tiles.items():
        extents[mapping.loop(vector)] = up(extents[mapping.loop(vector)], tile)
    return tuple(extents)


def blockize(sch: Schedule, block: SBlockRV, mapping: Mapping) -> SBlockRV:
    """A block of one tile of the intrinsic, the loops over tiles behind all others."""
    return sch.blockize(cut(sch, block, mapping))


def cut(sch: Schedule, block: SBlockRV, mapping: Mapping) -> LoopRV:
    """Cut a block's loops into tiles, behind all others; the outermost loop of those of a tile."""
    loops = sch.get_loops(block)
    taken = {mapping.loop(vector): tile for vector, tile in mapping.tiles.items()}
    halves = [sch.split(loops[position], [None, tile]) for position, tile in taken.items()]
    outside = [loop for position, loop in enumerate(loops) if position not in taken]
    inner = [half[1] for half in halves]
    sch.reorder(*outside, *(half[0] for half in halves), *inner)
    return inner[0]
