"""What is left of a program beside its tensorized blocks, such as the crop of a padded result.

Before: ``for i, j: D[i, j] = C[i, j]``. After: ``blockIdx.x | threadIdx.x`` over all of it.
"""

from __future__ import annotations

from heron_ms._tvm import Schedule
from heron_ms.hardware import Machine
from heron_ms.space_generators.free import is_free, root_of

THREADS = 128


def bind_rest(sch: Schedule, machine: Machine) -> None:
    """Give every spatial block that no rule has touched threads, one for each element."""
    for block in sch.get_child_blocks(sch.get_sblock(root_of(sch))):
        if is_free(sch, block):
            outer, inner = sch.split(sch.fuse(*sch.get_loops(block)), [None, THREADS])
            sch.bind(outer, "blockIdx.x")
            sch.bind(inner, "threadIdx.x")
