"""S2 multi-level SPM (Heron's generation rules): operands copied to the memory they are used from.

Before: C_o reads a whole staged operand. After: the stage computes, under a loop of the nest, just
the tile that the loops inside it read, so the copy lives in the cache that the tile fits in; the
registers are the innermost level and hold the accumulators. Emits C4 (extents of the moved block)
and C5 (its footprint).
"""

from __future__ import annotations

from heron_ms._tvm import LoopRV, SBlockRV, Schedule
from heron_ms.space_generators.choices import Choices, Level
from heron_ms.space_generators.tensorize import Stage, Tensorized
from heron_ms.space_generators.tiling import Nest


def attach(sch: Schedule, tensorized: Tensorized, choices: Choices, nest: Nest) -> None:
    """Move every stage to its level."""
    loops = {Level.TASK: nest.task, Level.ROWS: nest.rows, Level.DEPTH: nest.depth}
    for stage, level in ((tensorized.b_stage, choices.b), (tensorized.a_stage, choices.a)):
        if stage is not None:
            _attach(sch, stage, loops.get(level))


def _attach(sch: Schedule, stage: Stage, loop: LoopRV | None) -> None:
    for block in (stage.block, stage.source):
        if block is not None:
            _move(sch, block, loop)
    if stage.intrinsic is not None:
        # Only now: a block of whole tiles can no longer be moved, nor its source to it.
        sch.tensorize(sch.get_loops(stage.block)[-2], stage.intrinsic)


def _move(sch: Schedule, block: SBlockRV, loop: LoopRV | None) -> None:
    if loop is None:
        sch.parallel(sch.get_loops(block)[0])
    else:
        sch.compute_at(block, loop, preserve_unit_loops=True)
