"""S2 multi-level SPM (Heron's generation rules): operands copied to the memory they are used from.

Before: C_o reads a whole staged operand. After: the stage computes, under a loop of the nest, just
the tile that the loops inside it read, so the copy lives in the cache that the tile fits in; the
registers are the innermost level and hold the accumulators. Emits C4 (extents of the moved block)
and C5 (its footprint).
"""

from __future__ import annotations

from heron_ms._tvm import LoopRV, Schedule
from heron_ms.hardware.structure import SPATIAL
from heron_ms.space_generators.choices import Place
from heron_ms.space_generators.rules.sketching import Sketching
from heron_ms.space_generators.rules.stage import Stage, put_in


def attach(sketching: Sketching) -> None:
    """Move every stage to its level."""
    for operand, place in (("B", sketching.choices.b), ("A", sketching.choices.a)):
        if operand in sketching.stages:
            _attach(sketching.sch, sketching.stages[operand], _loop(sketching, operand, place))
    intrinsic = sketching.mapping.intrinsic
    if "A" in intrinsic.companions:
        stage, tile = sketching.stages["A"], (intrinsic.rows, intrinsic.depth)
        put_in(sketching.sch, stage.block, tile, intrinsic.companions["A"])


def _loop(sketching: Sketching, operand: str, place: Place) -> LoopRV | None:
    """The loop that a copy is made inside of, once for all tiles of lanes where it is of A."""
    nest, level = sketching.nest, place.level
    if level is None:
        return None
    if level == 0 and nest.blocks is not None:
        return nest.blocks  # of a task no more than one block of the reduction needs
    bound = bool(sketching.tiling.structure[level].binding)
    if operand == "A" and nest.kinds[level] == SPATIAL and not bound:
        return nest.beside_lanes(level)
    return nest.inside(level)


def _attach(sch: Schedule, stage: Stage, loop: LoopRV | None) -> None:
    blocks = [block for block in (stage.block, stage.source) if block is not None]
    if loop is not None:
        for block in blocks:
            sch.compute_at(block, loop, preserve_unit_loops=True)
    if stage.pack is not None and stage.pack.depth_first:
        lanes, depth = sch.get_loops(stage.block)[-4:-2]
        sch.reorder(depth, lanes)
    if loop is None:
        for block in blocks:
            sch.parallel(sch.get_loops(block)[0])
    if stage.pack is not None:
        # Only now: a block of whole tiles can no longer be moved, nor its source to it.
        sch.tensorize(sch.get_loops(stage.block)[-2], stage.pack.intrinsic)
