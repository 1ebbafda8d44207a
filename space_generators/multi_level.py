"""S2 multi-level SPM (Heron's generation rules): operands copied to the memory they are used from.

Before: C_o reads a whole staged operand. After: the stage computes, under a loop of the nest, just
the tile that the loops inside it read, so the copy lives in the cache that the tile fits in; the
registers are the innermost level and hold the accumulators. Emits C4 (extents of the moved block)
and C5 (its footprint).
"""

from __future__ import annotations

from heron_ms._tvm import LoopRV, Schedule
from heron_ms.space_generators.choices import Choices, Level
from heron_ms.space_generators.stage import Stage
from heron_ms.space_generators.tensorize import Tensorized
from heron_ms.space_generators.tiling import Nest


def attach(sch: Schedule, tensorized: Tensorized, choices: Choices, nest: Nest) -> None:
    """Move every stage to its level."""
    loops = {Level.TASK: nest.task, Level.ROWS: nest.rows, Level.DEPTH: nest.chunk}
    for stage, level in ((tensorized.b_stage, choices.b), (tensorized.a_stage, choices.a)):
        if stage is not None:
            _attach(sch, stage, loops.get(level))


def _attach(sch: Schedule, stage: Stage, loop: LoopRV | None) -> None:
    blocks = [each for each in (stage.block, stage.source) if each is not None]
    if loop is not None:
        for each in blocks:
            sch.compute_at(each, loop, preserve_unit_loops=True)
    if stage.pack is not None and stage.pack.depth_first:
        lanes, depth = sch.get_loops(stage.block)[-4:-2]
        sch.reorder(depth, lanes)
    if loop is None:
        for each in blocks:
            sch.parallel(sch.get_loops(each)[0])
    if stage.pack is not None:
        # Only now: a block of whole tiles can no longer be moved, nor its source to it.
        sch.tensorize(sch.get_loops(stage.block)[-2], stage.pack.intrinsic)
