"""Multi-level tiling of a tensorized block, by the structure of the machine.

Before: ``for o, i, j, k: C_o`` over whole intrinsic tiles, with rows i (one or two axes, such as a
convolution's height and width), lanes j and reductions k (the depth, and a convolution's kernel).
After, every level with all its axes; for Heron's structure for DL Boost ("SSRSRS"):
``parallel(o, i0, j0) | i1 j1 | k0 | i2 j2 | k1 | i3 j3``. A level that binds to something is one
fused loop. The kinds of the levels stay with the block as MetaSchedule's annotation. Emits C1
(products), C2 (the fused levels), C6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import LoopRV, Schedule
from heron_ms.hardware.structure import ANNOTATION, REDUCTION, SPATIAL, UNROLL, positions, word
from heron_ms.space_generators.choices import row_loops
from heron_ms.space_generators.rules.sketching import Nest, Sketching
from heron_ms.tensorize import Mapping
from heron_ms.tensorize.einsum import LANES, ROWS

THREAD = "threadIdx"

_Part = tuple[LoopRV, Any]
"""A loop, and the factor that it was split off with."""

TILED_ROWS = 2
"""Row axes that are tiled; further ones become part of the outermost level."""


@dataclass(frozen=True)
class _Axes:
    """A block's loops by the part they play."""

    outer: list[LoopRV]
    rows: list[LoopRV]
    lanes: LoopRV
    reductions: list[LoopRV]
    blocks: list[LoopRV]


def tile(sketching: Sketching) -> None:
    """Split every axis into sampled factors, order the levels and bind them."""
    sch, tiling = sketching.sch, sketching.tiling
    kinds = word(tiling.structure)
    sch.annotate(sketching.block, ANNOTATION, kinds)
    axes = _axes(sketching)
    levels: list[list[_Part]] = [[] for _ in kinds]
    spatial, reduction = positions(kinds, SPATIAL), positions(kinds, REDUCTION)
    alone = any(level.binding.startswith(THREAD) for level in tiling.structure)
    for row in axes.rows:
        _put(levels, spatial, _split(sch, row, len(spatial), tiling.tallest, alone=alone))
    _put(levels, spatial, _split(sch, axes.lanes, len(spatial), tiling.widest, alone=alone))
    short, long = _by_length(sch, axes.reductions)
    levels[reduction[0]].extend((loop, 1) for loop in short)
    for loop in long:
        extent = int(sch.get(loop).extent)
        _put(levels, reduction, _split(sch, loop, len(reduction), extent, alone=alone))
    loops = [[loop for loop, _ in level] for level in levels]
    loops[0] = [*axes.outer, *loops[0]]
    sch.reorder(*loops[0], *axes.blocks, *(loop for level in loops[1:] for loop in level))
    bound = [
        _bound(sch, level.binding, parts)
        for level, parts in zip(tiling.structure, loops, strict=True)
    ]
    factors = tuple(tuple(factor for _, factor in level) for level in levels)
    sketching.nest = Nest(kinds, tuple(bound), factors, next(iter(axes.blocks), None))


def _put(levels: list[list[_Part]], at: tuple[int, ...], parts: list[_Part]) -> None:
    for level, part in zip(at, parts, strict=True):
        levels[level].append(part)


def _bound(sch: Schedule, binding: str, loops: list[LoopRV]) -> tuple[LoopRV, ...]:
    """The loops of a level, one where they are bound; those to unroll are unrolled in the end."""
    if binding in ("", UNROLL):
        return tuple(loops)
    fused = sch.fuse(*loops)
    if binding == "parallel":
        sch.parallel(fused)
    else:
        sch.bind(fused, "vthread.x" if binding == "vthread" else binding)
    return (fused,)


def _axes(sketching: Sketching) -> _Axes:
    sch, mapping = sketching.sch, sketching.mapping
    loops = sch.get_loops(sketching.block)
    blocks = loops[: len(loops) - len(mapping.loops)]  # of a reduction that is cut into such
    loops = loops[len(blocks) :]
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
        [at[p] for p in outer],
        [at[p] for p in rows],
        at[lanes],
        [at[p] for p in reductions],
        blocks,
    )


def _reduces(mapping: Mapping, loop: int) -> bool:
    return any(mapping.einsum.axes[p].reduces for p in mapping.loops[loop])


def _by_length(sch: Schedule, loops: list[LoopRV]) -> tuple[list[LoopRV], list[LoopRV]]:
    """Loops of one iteration, not worth a decision, and the others: at least one."""
    extents = [int(sch.get(loop).extent) for loop in loops]
    extents[-1] = max(extents[-1], 2)  # some loop has to hold the reduction
    long = [loop for loop, extent in zip(loops, extents, strict=True) if extent > 1]
    short = [loop for loop, extent in zip(loops, extents, strict=True) if extent == 1]
    return short, long


def _split(sch: Schedule, loop: LoopRV, levels: int, innermost: int, *, alone: bool) -> list[_Part]:
    """The loops with their factors; ``alone``: a sketch has one thread, whatever copies divide by.

    What a sketch was made with is but an example, from which constraints are read; of one whose
    copies its threads do not divide, there would be none.
    """
    extent = int(sch.get(loop).extent)
    if levels == 1:
        return [(loop, extent)]
    example = [extent, *[1] * (levels - 1)] if alone else None
    factors = sch.sample_perfect_tile(loop, levels, innermost, decision=example)
    return list(zip(sch.split(loop, factors), factors, strict=True))
