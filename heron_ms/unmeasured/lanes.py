"""Reductions along contiguous elements, as one partial result for each lane of a vector.

Before: ``for i: for k: s[i] += a[i, k]``, which floats must add one by one. After:
``for i: for k0: for k1: t[i, k1] += a[i, k0 * 16 + k1]; for i: for k1: s[i] += t[i, k1]``.
"""

from __future__ import annotations

from heron_ms._tvm import SBlockRV, Schedule, reduces
from heron_ms.hardware import Cpu
from heron_ms.unmeasured.blocks import (
    attempt,
    blocks_of,
    contiguous_reads,
    extent,
    is_reduction,
    lanes_of,
)


def split_reductions(sch: Schedule, machine: Cpu) -> None:
    """Split every reduction whose innermost loop walks along memory by the lanes of a vector."""
    for block in blocks_of(sch):
        if is_reduction(sch, block):
            _split(sch, block, lanes_of(sch, block, machine))


def _split(sch: Schedule, block: SBlockRV, lanes: int) -> None:
    last = sch.get(block).iter_vars[-1]
    if not reduces(last) or not contiguous_reads(sch, block, last):
        return
    loop = sch.get_loops(block)[-1]
    size = extent(sch, loop)
    if size % lanes or size == lanes:
        return
    dimensions = len(sch.get(block).writes[0].source.shape)
    _, lane = sch.split(loop, [None, lanes])
    attempt(sch.rfactor, lane, dimensions)
