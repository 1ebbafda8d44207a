"""Everything moved into the rows of the last block, so that what a row needs stays in the cache."""

from __future__ import annotations

from math import prod

from heron_ms._tvm import LoopRV, SBlockRV, Schedule, uses
from heron_ms.hardware import Cpu
from heron_ms.unmeasured.blocks import (
    attempt,
    blocks_of,
    extent,
    is_output,
    is_reduction,
    lanes_of,
)

WORTH = 4096
"""Iterations below which threads take longer to start than to compute."""


def gather_rows(sch: Schedule, machine: Cpu) -> dict[str, int]:
    """Fuse the outer loops of every last block, parallel over the cores, and move the rest there.

    Returns, by the name of a block, the number of outer loops that are rows.
    """
    rows: dict[str, int] = {}
    lasts = [block for block in blocks_of(sch) if is_output(sch, block)]
    for last in lasts:
        depth = _depth(sch, last, machine)
        rows[_name(sch, last)] = min(depth, 1)
        if depth:
            row = _row(sch, last, depth, machine)
            if len(lasts) == 1:
                _move_all(sch, last, row, rows)
    return rows


def _row(sch: Schedule, last: SBlockRV, depth: int, machine: Cpu) -> LoopRV:
    outer = list(sch.get_loops(last))[:depth]
    total = prod(extent(sch, loop) for loop in sch.get_loops(last))
    row = sch.fuse(*outer) if len(outer) > 1 else outer[0]
    if machine.cores > 1 and total >= WORTH and extent(sch, row) > 1:
        sch.parallel(row)
    return row


def _move_all(sch: Schedule, last: SBlockRV, row: LoopRV, rows: dict[str, int]) -> None:
    """Move every block before the last one under the loop, latest first."""
    name = _name(sch, last)
    for block in reversed(blocks_of(sch)):
        if _name(sch, block) != name and attempt(sch.compute_at, block, row, True):
            rows[_name(sch, block)] = 1


def _depth(sch: Schedule, last: SBlockRV, machine: Cpu) -> int:
    """How many outer loops of the last block are rows.

    They index whatever reduction it reads; what is left inside fills a vector, if the block does.
    """
    node = sch.get(last)
    spatial = [p for p, it in enumerate(node.iter_vars) if int(it.iter_type) == 0]
    loops = sch.get_loops(last)
    if len(loops) != len(node.iter_vars):
        return 0
    depth = min(len(spatial), _shared(sch, last))
    if depth == len(loops) and depth:
        depth -= 1
    lanes = lanes_of(sch, last, machine)
    inner = [extent(sch, loops[p]) for p in spatial]
    while depth and prod(inner[depth:]) < lanes:
        depth -= 1
    return depth


def _shared(sch: Schedule, last: SBlockRV) -> int:
    """How many outer iterators of a block index all the reductions that it reads."""
    node = sch.get(last)
    reduced = [
        written.source
        for block in sch.get_producers(last)
        if is_reduction(sch, block)
        for written in sch.get(block).writes
    ]
    regions = [r for r in node.reads if any(r.source.same_as(buffer) for buffer in reduced)]
    shared = 0
    for iterator in node.iter_vars:
        used = (any(uses(d.min, iterator.var) for d in region.region) for region in regions)
        if int(iterator.iter_type) != 0 or not all(used):
            break
        shared += 1
    return shared


def _name(sch: Schedule, block: SBlockRV) -> str:
    return str(sch.get(block).name_hint)
