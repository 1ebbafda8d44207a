"""A reduction in blocks: what a block of it sums up in registers of their own is added in memory.

Before: ``for i, j, k: C_o`` over whole tiles, with a k so long that no cache keeps the rows of a
tile of loops and their columns. After: ``for k0, i, j, k1: C_rf_o`` sums up each block of the
reduction by itself, and where the tile of a block is complete ``C[i, j] += C_rf[k0, i, j]`` adds it
to the sums, which wait in memory while other tiles go through the block. What follows C is computed
where a task is done. Emits C1, C4.
"""

from __future__ import annotations

from heron_ms._tvm import SBlockRV, Schedule
from heron_ms.space_generators.rules.sketching import Sketching
from heron_ms.space_generators.rules.written_back import completed
from heron_ms.space_generators.start_sums import start_inside
from heron_ms.tensorize import Mapping
from heron_ms.tensorize.einsum import DEPTH
from heron_ms.tensorize.realize import cut


def cut_into_blocks(sch: Schedule, block: SBlockRV, mapping: Mapping) -> SBlockRV:
    """Sum up each block of the depth by itself: a block of whole tiles, ``k0`` its outermost loop.

    The block that was there adds up these sums.
    """
    cut(sch, block, mapping)
    outside = sch.get_loops(block)[: -len(mapping.tiles)]
    at = len(outside) - len(mapping.tiles) + list(mapping.tiles).index(DEPTH)
    # At least two blocks, as a sketch without any is another one; as an example, from which
    # constraints are read, long ones, since TVM leaves no trace of a loop of one iteration.
    tiles = int(sch.get(outside[at]).extent)
    longest = max(length for length in range(1, tiles // 2 + 1) if tiles % length == 0)
    factors = sch.sample_perfect_tile(
        outside[at], 2, max_innermost_factor=longest, decision=[tiles // longest, longest]
    )
    blocks, _ = sch.split(outside[at], factors)
    part = sch.rfactor(blocks, 0)
    loops = sch.get_loops(part)
    sch.reorder(loops[at], *loops[:at])
    return sch.blockize(sch.get_loops(part)[-len(mapping.tiles)])


def add_blocks(sketching: Sketching, sums: SBlockRV) -> None:
    """Add the tile of a block to the sums as soon as it is complete, in vectors.

    The first one is added to zeros that are stored just before, in the first cache.
    """
    sch = sketching.sch
    start_inside(sch, sums)
    completed(sketching, sums)
    _, vector = sch.split(sch.get_loops(sums)[-1], [None, sketching.mapping.intrinsic.lanes])
    sch.vectorize(vector)
