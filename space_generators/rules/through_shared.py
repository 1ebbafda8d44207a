"""S3 on a GPU: results go to memory by way of shared memory, where a sketch chooses so.

Before: a warp's tile of C is complete in fragments, and ``D[i, j] = relu(C[i, j] + bias[j])`` reads
it from memory. After: each warp brings its tile to ``C_shared``, the tile of the whole block, and
behind a barrier all threads take whole rows of it to memory, in vectors, with what follows computed
on the way: ``D[i, j] = relu(C_shared[i, j] + bias[j])``. TVM gives C_shared the bytes of the
operands, which nothing reads any more. Emits C1, C2, C3 (vector), C4 and C5.
"""

from __future__ import annotations

from heron_ms._tvm import LoopRV, SBlockRV, Schedule
from heron_ms.intrinsics.fragments import PARTS_OF_COLUMN, SHARED
from heron_ms.space_generators.rules.epilogue import take_in_each
from heron_ms.space_generators.rules.s3_multi_scope import leads_to_sum
from heron_ms.space_generators.rules.shared_by_threads import share
from heron_ms.space_generators.rules.sketching import Sketching
from heron_ms.space_generators.rules.written_back import completed, copied_out

_, _LANES, _SIDE_BY_SIDE = PARTS_OF_COLUMN
_STORED = _LANES * _SIDE_BY_SIDE
"""Elements of a row that a warp stores at once, of eight rows; they lie in different banks where
rows are an odd multiple of these long."""


def bring_to_shared(sketching: Sketching) -> None:
    """Copy a warp's complete tile to shared memory, and from there to the output."""
    sch = sketching.sch
    sketching.write_back = copied_out(sketching)
    shared = sch.cache_read(sketching.write_back, 0, SHARED)
    sketching.to_shared = completed(sketching, shared)
    sch.reverse_compute_at(sketching.write_back, _block(sketching), preserve_unit_loops=True)


def take_out(sketching: Sketching) -> None:
    """Let all threads of a block write its results, with what follows them."""
    sch, copy = sketching.sch, sketching.write_back
    assert copy is not None, "the rule before makes one"
    take_in_each(sch, copy)
    # TVM gives an array that is only accessed in vectors their type, and copies none of it aside,
    # as another product of the program may. Asked of a copy: questions are written to the trace.
    in_vectors = not leads_to_sum(sch.copy(), copy)
    share(sketching, copy, _block(sketching), in_vectors=in_vectors)


def keep_apart(sch: Schedule, to_shared: SBlockRV) -> None:
    """Let the rows that a warp stores at once lie in different banks."""
    sch.storage_align(to_shared, 0, -2, 2 * _STORED, _STORED)


def _block(sketching: Sketching) -> LoopRV:
    """The loop that all threads of a block have in common."""
    return sketching.nest.inside(sketching.holding("C") - 1)
