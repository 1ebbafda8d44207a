"""S3 multi-scope SPM (Heron's generation rules): an accumulator of its own for the output.

Before: ``C_o`` accumulates into C in memory. After: it accumulates into a buffer of one
accumulator tile, which a write-back block copies to C when the tile is complete, with the
elementwise consumers of C computed on the way. Emits C4 and C5.
"""

from __future__ import annotations

from math import gcd

from heron_ms._tvm import SBlockRV, Schedule
from heron_ms.space_generators.tensorize import Tensorized
from heron_ms.space_generators.tiling import Nest
from heron_ms.tensorize import Match


def accumulate(sch: Schedule, tensorized: Tensorized, match: Match, nest: Nest) -> None:
    """Cache the output in a tile under the accumulator loop."""
    write_back = sch.cache_write(tensorized.block, 0, "global")
    # The crop of a padded output must be inlined after the move: moved afterwards, a block loses
    # its predicate in TVM 0.27 and would write out of bounds.
    sch.reverse_compute_at(write_back, nest.accumulator, preserve_unit_loops=True)
    fuse_consumers(sch, write_back)
    # A vector that straddled the edge of a cropped output would be computed lane by lane.
    columns = int(sch.get(write_back).writes[0].source.shape[-1])
    width = gcd(columns, match.intrinsic.lanes)
    _, vector = sch.split(sch.get_loops(write_back)[-1], [None, width])
    sch.vectorize(vector)


def fuse_consumers(sch: Schedule, block: SBlockRV) -> None:
    """Inline the elementwise consumers of a block into it, as far as there is just one."""
    while True:
        consumers = sch.get_consumers(block)
        if len(consumers) != 1 or not _elementwise(sch, consumers[0]):
            return
        sch.reverse_compute_inline(consumers[0])


def _elementwise(sch: Schedule, block: SBlockRV) -> bool:
    trial = sch.copy()
    try:
        trial.reverse_compute_inline(block)
    except Exception:  # TVM raises ScheduleError for every reason not to inline
        return False
    return True
