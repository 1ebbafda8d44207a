"""A reduction over a window (`windows`): vectors along the output, windows that share their loads.

Before: ``for n, c, y, x, ry, rx: C[n, c, y, x] += A[n, c, y + ry, x + rx] * B[c, ry, rx]``, with a
block that pads A before it and elementwise blocks behind. After:
``parallel(n, c, y0) | y1 x1 | ry rx | y2 x2 x3`` with x3 a vector and all that stands behind the
second bar unrolled, so that the accumulators are registers and an element of A is loaded once for
all windows of the tile that it lies in; what comes behind C is computed where a tile is written.
Channels last, the lanes are channels: ``parallel(n, c0, y0) | y1 c1 x1 | ry rx | y2 x2 c2 c3``.
Emits C1, C2, C4, C6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import Call, LoopRV, SBlockRV, Schedule, TensorLoad, itemsize, tirx
from heron_ms.hardware import Cpu
from heron_ms.hardware.memory import GLOBAL
from heron_ms.space_generators.choices import NONE, Place
from heron_ms.space_generators.rules.s3_multi_scope import fuse_consumers
from heron_ms.space_generators.rules.stage import inline_producers, producer
from heron_ms.space_generators.windows import Window

INLINE = Place("made where it is read", 2)
TASK = Place("in each parallel task", 0)

TALLEST = 8
"""Of a tile of windows, along each axis: beyond this it would not fit in any registers."""


def window_places(sch: Schedule, window: Window, *, is_produced: bool) -> list[Place]:
    """Where the data of a window may be made, if another block makes it."""
    if not is_produced:
        return [NONE]
    maker = producer(sch, sch.get_sblock(window.block), window.data)
    assert maker is not None, "what is produced has a producer"
    # A copy of what another block pads is padding too, once that block is inlined.
    trial = sch.copy()
    made = trial.get_sblock(str(sch.get(maker).name_hint))
    inline_producers(trial, made)
    value = trial.get(made).body.value
    if isinstance(value, TensorLoad):
        return [INLINE]
    if window.slides_lanes:
        return [TASK]  # a condition that changes within a vector makes scalars of it
    return [INLINE] if _only_pads(value) else [INLINE, TASK]


def _only_pads(value: Any) -> bool:
    """Whether making a value again for every tap costs nothing but a load and a condition."""
    parts = value.args[1:] if isinstance(value, Call) else (value,)
    return all(isinstance(part, (TensorLoad, tirx.IntImm, tirx.FloatImm)) for part in parts)


@dataclass(frozen=True)
class _Tiles:
    """The loops of a tiled window by level; ``width`` is the sampled extent of the vector."""

    task: list[LoopRV]
    walk: list[LoopRV]
    taps: list[LoopRV]
    tile: list[LoopRV]
    vector: LoopRV
    width: Any


def slide(sch: Schedule, machine: Cpu, window: Window, place: Place) -> None:
    """Tile a window, and move what makes its data and what uses its result into the tiles."""
    block = sch.get_sblock(window.block)
    stage = None if place is NONE else producer(sch, block, window.data)
    if stage is not None:
        inline_producers(sch, stage)
    if stage is not None and place is INLINE:
        sch.compute_inline(stage)
    tiles = _tile(sch, machine, window, block)
    _write_back(sch, block, tiles)
    if stage is not None and place is TASK:
        _copy(sch, stage, tiles, in_vectors=not window.slides_lanes)
    sch.parallel(sch.fuse(*tiles.task))
    _finish(sch, block, tiles)


def _tile(sch: Schedule, machine: Cpu, window: Window, block: SBlockRV) -> _Tiles:
    at = sch.get_loops(block)
    task, rows = [at[p] for p in window.outer], [at[p] for p in window.tiled]
    widest = _widest(sch, block, window.extents[window.lanes], machine)
    # A copy of the data is one for all vectors of a row.
    shared = bool(task) and window.slides_lanes
    width, lanes = _split(sch, at[window.lanes], 3 if shared else 4, widest)
    split = [_split(sch, row, 2 if number else 3, TALLEST)[1] for number, row in enumerate(rows)]
    task += [*lanes[:-3], *(row[0] for row in split[:1])]
    walk = [*(row[-2] for row in split[:1]), lanes[-3], *(row[-2] for row in split[1:])]
    tile = [*(row[-1] for row in split), lanes[-2]]
    taps = [at[p] for p in window.taps]
    sch.reorder(*task, *walk, *taps, *tile, lanes[-1])
    return _Tiles(task, walk, taps, tile, lanes[-1], width)


def _split(sch: Schedule, loop: LoopRV, parts: int, innermost: int) -> tuple[Any, list[LoopRV]]:
    """The innermost factor, and the loops."""
    factors = sch.sample_perfect_tile(loop, parts, max_innermost_factor=innermost)
    return factors[-1], list(sch.split(loop, factors))


def _widest(sch: Schedule, block: SBlockRV, extent: int, machine: Cpu) -> int:
    """Of the vectors: two registers, or more where no divisor fills half of one."""
    lanes = machine.vector_bytes // itemsize(sch.get(block).writes[0].source)
    divisors = [d for d in range(1, extent + 1) if extent % d == 0]
    return max(2 * lanes, next((d for d in divisors if 2 * d >= lanes), extent))


def _write_back(sch: Schedule, block: SBlockRV, tiles: _Tiles) -> None:
    """Let the result of a tile leave the registers through whatever comes behind it."""
    write_back = sch.cache_write(block, 0, GLOBAL)
    sch.reverse_compute_at(write_back, tiles.walk[-1], preserve_unit_loops=True)
    fuse_consumers(sch, write_back)
    _vectorize(sch, write_back, tiles)


def _copy(sch: Schedule, stage: SBlockRV, tiles: _Tiles, *, in_vectors: bool) -> None:
    sch.compute_at(stage, tiles.task[-1], preserve_unit_loops=True)
    if in_vectors:
        _, vector = sch.split(sch.get_loops(stage)[-1], [None, tiles.width])
        sch.vectorize(vector)


def _vectorize(sch: Schedule, copy: SBlockRV, tiles: _Tiles) -> None:
    *rows, last = sch.get_loops(copy)[-len(tiles.tile) :]
    outer, vector = sch.split(last, [None, tiles.width])
    sch.vectorize(vector)
    for loop in (*rows, outer):
        sch.unroll(loop)


def _finish(sch: Schedule, block: SBlockRV, tiles: _Tiles) -> None:
    for loop in (*tiles.taps, *tiles.tile):
        sch.unroll(loop)
    # Before the init is split off: TVM vectorises no sum without one.
    sch.vectorize(tiles.vector)
    sch.decompose_reduction(block, tiles.taps[0])
