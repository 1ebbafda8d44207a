"""The spatial blocks that stay beside a tensorized one: parallel over rows, vectors inside.

Such as the block that puts zeros between the results of a strided transposed convolution. Without
these loops a block that only moves memory would take longer than the arithmetic. Emits C1.
"""

from __future__ import annotations

from math import gcd

from heron_ms._tvm import SBlockRV, Schedule, itemsize
from heron_ms.hardware import Cpu
from heron_ms.space_generators.free import is_free, is_in_place, root_of


def schedule_rest(sch: Schedule, machine: Cpu) -> None:
    """Give every spatial block that no rule has touched its loops."""
    for block in sch.get_child_blocks(sch.get_sblock(root_of(sch))):
        if is_free(sch, block) and not is_in_place(sch, block):
            _schedule(sch, block, machine)


def _schedule(sch: Schedule, block: SBlockRV, machine: Cpu) -> None:
    *outer, last = sch.get_loops(block)
    width = gcd(
        int(sch.get(last).extent), machine.vector_bytes // itemsize(sch.get(block).writes[0].source)
    )
    rest, vector = sch.split(last, [None, width])
    sch.vectorize(vector)
    sch.parallel(sch.fuse(*outer) if outer else rest)
