"""What the blocking of a sketch costs, of thousands of assignments at once.

The same quantities as the prior's (`prior`), from the problem's variables alone: what the register
tile loads, and what the first two caches have to fetch again. It leaves out what needs the program,
such as copies into other layouts, and so tells the assignments of a sketch apart, not sketches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms.constraints import ConstrainedSketch
from heron_ms.constraints.blocking import Blocking, Step
from heron_ms.csp import Operand
from heron_ms.hardware import Cpu
from heron_ms.interstellar.prior import FETCH

LATENCY = 8
"""Multiplications that have to be independent for one to begin each half cycle: four cycles at two
a cycle (Intel's servers from Ice Lake on; Zen 4 needs no more)."""

ADDED = 4.0
"""Loads of a vector in the time in which one of a part of a sum is added to the others in memory.

It is stored, loaded again with the sum of the others, and the sum is stored: two loads and one
store begin in a cycle. Not measured.
"""

LINE = 64
"""Bytes of a line of a cache, and of the widest vector."""

At = Callable[[Operand], Any]
"""The values of an operand, one an assignment."""


def blocked_cost(
    sketch: ConstrainedSketch, rows: NDArray[np.int64], machine: Cpu
) -> NDArray[np.float64]:
    """The cost of assignments of a sketch, float64 [assignments], in loads of a vector.

    rows: int64 [assignments, variables], as `Problem.sample_array` draws them. Zero where nothing
    is known of how its blocks go through their operands.
    """
    columns = dict(zip(sketch.problem.names, rows.T.astype(np.float64), strict=True))
    total = np.zeros(len(rows))
    for blocking in sketch.blockings:
        total += _cost(blocking, partial(_at, columns), machine)
    return total


def _at(columns: Mapping[str, Any], operand: Operand) -> Any:
    return float(operand) if isinstance(operand, int) else columns[operand]


def _cost(blocking: Blocking, at: At, machine: Cpu) -> Any:
    outer, middle, inner, tile = blocking.levels
    chunks, walk, calls = (_iterations(steps, at) for steps in (outer, inner, tile))
    near = chunks * _fetched(middle, blocking.walked, at, machine.share("L1"), blocking.streamed)
    far = _fetched(outer, blocking.held, at, machine.share("L2"))
    latency = LATENCY / blocking.vectors
    cycles = np.maximum(1.0, latency / calls) + _loads(tile, blocking, at) / calls + 2.0 / walk
    tiles = chunks * _iterations(middle, at)
    added = ADDED * tiles * at(blocking.walked[blocking.output]) if blocking.in_blocks else 0.0
    total = tiles * walk * calls * blocking.vectors
    return total * cycles + (added + FETCH[0] * near + FETCH[1] * far) / LINE


def _iterations(steps: Sequence[Step], at: At) -> Any:
    return prod(at(step.extent) for step in steps)


def _loads(tile: Sequence[Step], blocking: Blocking, at: At) -> Any:
    """Vectors and broadcasts that one step of a walk loads: each factor once for its own loops."""
    return sum(
        _iterations([step for step in tile if factor in step.moves], at)
        for factor in range(len(blocking.walked))
        if factor != blocking.output
    )


def _fetched(
    steps: Sequence[Step],
    sizes: Sequence[Operand],
    at: At,
    capacity: int,
    streamed: frozenset[int] = frozenset(),
) -> Any:
    """Bytes that come into a cache while loops run, of which an iteration touches some bytes.

    All of it once where that fits; else an operand anew in each iteration but those of the inner
    loops that leave it where it is. One that is ``streamed`` comes in in every iteration.
    """
    once, anew = [], []
    for factor, size in enumerate(sizes):
        moving = [step for step in steps if factor in step.moves]
        once.append(at(size) * _iterations(moving, at))
        trips = _iterations(steps, at) if factor in streamed else _trips(steps, factor, at)
        anew.append(at(size) * trips)
    whole = sum(once)
    return np.where(whole <= capacity, whole, sum(anew))


def _trips(steps: Sequence[Step], factor: int, at: At) -> Any:
    """Iterations of loops, but of those inside the innermost that moves an operand."""
    trips: Any = 1.0
    moved: Any = False
    for step in reversed(steps):
        moved = moved | ((factor in step.moves) & (at(step.extent) > 1))
        trips = np.where(moved, trips * at(step.extent), trips)
    return trips
