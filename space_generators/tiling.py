"""Multi-level tiling of a tensorized block (Heron's structure for DL Boost).

Before: ``for o, i, j, k: C_o`` over whole intrinsic tiles, with rows i (one or two axes, such as a
convolution's height and width), lanes j and reductions k (the depth, and a convolution's kernel).
After, every level with all its axes: ``parallel(o, i0, j0) | i1 j1 | k0 | i2 j2 | k1 | i3 j3``. The
parallel loop is a task; i1 j1 walk accumulator tiles; k0 a chunk of the reduction; i2 j2 register
tiles; i3 j3 is the register tile, fully unrolled. Emits C1 (products), C2 (the fused task), C6.
"""

from __future__ import annotations

from dataclasses import dataclass

from heron_ms._tvm import LoopRV, SBlockRV, Schedule
from heron_ms.hardware import Machine
from heron_ms.space_generators.choices import row_loops
from heron_ms.tensorize import Mapping
from heron_ms.tensorize.einsum import LANES, ROWS

SPATIAL_LEVELS = 4
REDUCTION_LEVELS = 2
TILED_ROWS = 2
"""Row axes that are tiled; further ones become part of the task."""


@dataclass(frozen=True)
class Nest:
    """The loops that later rules attach to."""

    task: LoopRV
    rows: LoopRV
    accumulator: LoopRV
    reduction: LoopRV
    chunk: LoopRV
    register: tuple[LoopRV, ...]


@dataclass(frozen=True)
class _Axes:
    """A block's loops by the part they play."""

    outer: list[LoopRV]
    rows: list[LoopRV]
    lanes: LoopRV
    reductions: list[LoopRV]


def tile(sch: Schedule, block: SBlockRV, mapping: Mapping, machine: Machine) -> Nest:
    """Split every axis into sampled factors and order the levels."""
    axes = _axes(sch, block, mapping)
    rows = [_split(sch, each, SPATIAL_LEVELS, machine.tallest) for each in axes.rows]
    lanes = _split(sch, axes.lanes, SPATIAL_LEVELS, machine.widest)
    s0, s1, s2, s3 = ([*(each[level] for each in rows), lanes[level]] for level in range(4))
    r0, r1 = _reductions(sch, axes.reductions)
    sch.reorder(*axes.outer, *s0, *s1, *r0, *s2, *r1, *s3)
    task = sch.fuse(*axes.outer, *s0)
    sch.parallel(task)
    return Nest(task, s1[-2] if rows else task, s1[-1], r0[0], r0[-1], tuple(s3))


def _axes(sch: Schedule, block: SBlockRV, mapping: Mapping) -> _Axes:
    loops = sch.get_loops(block)
    taken = [mapping.loop(vector) for vector in mapping.tiles]
    outside = [p for p in range(len(mapping.loops)) if p not in taken]
    # Blockizing put the loops over tiles behind all others.
    at = dict(zip([*outside, *taken], loops, strict=True))
    reductions = [p for p in at if _reduces(mapping, p)]
    rows = [p for p in row_loops(mapping) if int(sch.get(at[p]).extent) > 1]
    rows = [*rows, *([mapping.loop(ROWS)] if ROWS in mapping.tiles else [])][-TILED_ROWS:]
    lanes = mapping.loop(LANES)
    outer = [p for p in outside if p not in (*rows, *reductions)]
    return _Axes(
        [at[p] for p in outer], [at[p] for p in rows], at[lanes], [at[p] for p in reductions]
    )


def _reduces(mapping: Mapping, loop: int) -> bool:
    return any(mapping.einsum.axes[p].reduces for p in mapping.loops[loop])


def _reductions(sch: Schedule, loops: list[LoopRV]) -> tuple[list[LoopRV], list[LoopRV]]:
    """The outer and the inner level; a loop of one iteration is not worth a decision."""
    extents = [int(sch.get(each).extent) for each in loops]
    extents[-1] = max(extents[-1], 2)  # some loop has to hold the reduction
    long = [each for each, extent in zip(loops, extents, strict=True) if extent > 1]
    short = [each for each, extent in zip(loops, extents, strict=True) if extent == 1]
    levels = [_split(sch, each, REDUCTION_LEVELS, int(sch.get(each).extent)) for each in long]
    return [*short, *(each[0] for each in levels)], [each[1] for each in levels]


def _split(sch: Schedule, loop: LoopRV, levels: int, innermost: int) -> list[LoopRV]:
    factors = sch.sample_perfect_tile(loop, levels, max_innermost_factor=innermost)
    return list(sch.split(loop, factors))
