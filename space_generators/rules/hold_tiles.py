"""Accumulators in registers of their own, and how they come to memory.

Before: ``C_o`` accumulates into C in memory. After: into a buffer of registers, in which its place
says which register it is; where the tiles are complete, an intrinsic stores each where it belongs,
or, where something follows (a requantisation, a crop, another layout), to a scratch tile in memory,
from which the write-back takes it. Emits C4 and C5.
"""

from __future__ import annotations

from heron_ms._tvm import SBlockRV
from heron_ms.hardware.memory import GLOBAL
from heron_ms.space_generators.rules.sketching import Sketching
from heron_ms.space_generators.rules.stage import put_in
from heron_ms.space_generators.rules.written_back import completed


def hold_tiles(sketching: Sketching) -> SBlockRV:
    """Accumulate in registers; the block that stores them, moved to where they are complete."""
    sch = sketching.sch
    is_last = sketching.write_back is None and sketching.sums is None
    if is_last and len(sch.get_consumers(sketching.block)):
        sketching.scratch = sch.cache_write(sketching.block, 0, GLOBAL)
    return completed(sketching, sch.cache_write(sketching.block, 0, sketching.scope("C")))


def store_tiles(sketching: Sketching, stored: SBlockRV) -> None:
    """Let the intrinsic store them; nothing can be moved behind this block any more."""
    sch, intrinsic = sketching.sch, sketching.mapping.intrinsic
    around = len(sch.get_loops(sketching.block)) - sketching.loops_inside
    outer = sch.get_loops(stored)[around:-2]
    over_tiles = put_in(sch, stored, (intrinsic.rows, intrinsic.lanes), intrinsic.companions["C"])
    for loop in (*outer, *over_tiles):
        sch.unroll(loop)
