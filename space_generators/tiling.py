"""Multi-level tiling of a tensorized block (Heron's structure for DL Boost).

Before: ``for o, i, j, k: C_o`` over whole intrinsic tiles. After, with S for spatial and R for
reduction: ``parallel(o, i0, j0) | i1 j1 | k0 | i2 j2 | k1 | i3 j3``. The parallel loop is a task;
i1 j1 walk accumulator tiles; k0 a chunk of the reduction; i2 j2 walk register tiles; i3 j3 is the
register tile, fully unrolled. Emits C1 (products), C2 (the fused task loop), C6 (tasks).
"""

from __future__ import annotations

from dataclasses import dataclass

from heron_ms._tvm import LoopRV, SBlockRV, Schedule
from heron_ms.hardware import Machine
from heron_ms.tensorize import Match

SPATIAL_LEVELS = 4
REDUCTION_LEVELS = 2


@dataclass(frozen=True)
class Nest:
    """The loops that later rules attach to."""

    task: LoopRV
    rows: LoopRV
    accumulator: LoopRV
    depth: LoopRV
    register: tuple[LoopRV, LoopRV]


def tile(sch: Schedule, block: SBlockRV, match: Match, machine: Machine) -> Nest:
    """Split every axis into sampled factors and order the levels."""
    *outer, i, j, k = _axes(sch, block, match)
    widest = machine.vector_registers - 2
    i0, i1, i2, i3 = _split(sch, i, SPATIAL_LEVELS, widest)
    j0, j1, j2, j3 = _split(sch, j, SPATIAL_LEVELS, widest // 2)
    k0, k1 = _split(sch, k, REDUCTION_LEVELS, int(sch.get(k).extent))
    sch.reorder(*outer, i0, j0, i1, j1, k0, i2, j2, k1, i3, j3)
    task = sch.fuse(*outer, i0, j0)
    sch.parallel(task)
    return Nest(task, i1, j1, k0, (i3, j3))


def _axes(sch: Schedule, block: SBlockRV, match: Match) -> list[LoopRV]:
    """The block's loops with rows, lanes and depth last."""
    loops = sch.get_loops(block)
    others = [p for p in range(len(loops)) if p not in (match.lanes, match.depth)]
    # Blockizing put lanes and depth behind all others.
    rows = others.index(match.rows)
    spatial = list(loops[: len(others)])
    return [*spatial[:rows], *spatial[rows + 1 :], spatial[rows], loops[-2], loops[-1]]


def _split(sch: Schedule, loop: LoopRV, levels: int, innermost: int) -> list[LoopRV]:
    factors = sch.sample_perfect_tile(loop, levels, max_innermost_factor=innermost)
    return list(sch.split(loop, factors))
