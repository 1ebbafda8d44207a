"""The spatial blocks that stay beside a tensorized one: parallel over rows, vectors inside.

Such as the block that puts zeros between the results of a strided transposed convolution. Without
these loops a block that only moves memory would take longer than the arithmetic. Emits C1.
"""

from __future__ import annotations

from math import gcd

from heron_ms._tvm import For, SBlockRV, Schedule, itemsize, tirx
from heron_ms.hardware import Machine


def schedule_rest(sch: Schedule, machine: Machine) -> None:
    """Give every spatial block that no rule has touched its loops."""
    for block in sch.get_child_blocks(sch.get_sblock("root")):
        if _is_untouched(sch, block) and _is_spatial(sch, block):
            _schedule(sch, block, machine)


def _is_untouched(sch: Schedule, block: SBlockRV) -> bool:
    # By references: asking the schedule for loops would add to its trace.
    outermost = sch.get_sref(block)
    while isinstance(outermost.parent.stmt, For):
        outermost = outermost.parent
    return isinstance(outermost.stmt, For) and outermost.stmt.kind == tirx.ForKind.SERIAL


def _is_spatial(sch: Schedule, block: SBlockRV) -> bool:
    kinds = [int(each.iter_type) for each in sch.get(block).iter_vars]
    return all(each == tirx.IterVar.DataPar for each in kinds)


def _schedule(sch: Schedule, block: SBlockRV, machine: Machine) -> None:
    *outer, last = sch.get_loops(block)
    width = gcd(
        int(sch.get(last).extent), machine.vector_bytes // itemsize(sch.get(block).writes[0].source)
    )
    rest, vector = sch.split(last, [None, width])
    sch.vectorize(vector)
    sch.parallel(sch.fuse(*outer) if outer else rest)
