"""The two loops of an instruction, and the micro-ops that all others become.

Of all pairs of loops the one with the fewest micro-ops is taken that keeps the updates of an
accumulator apart. Loops stay in their order, and neighbours that continue each other are one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod

import numpy as np
from numpy.typing import NDArray

from heron_ms.errors import FaultError

NEVER = 1 << 30


@dataclass(frozen=True)
class Loop:
    """An extent, and how far an iteration moves each operand, the accumulator first."""

    extent: int
    factors: tuple[int, ...]


@dataclass(frozen=True)
class Folded:
    """An instruction's loops, and where its micro-ops are, an array for each operand."""

    outer: Loop
    inner: Loop
    places: tuple[NDArray[np.int64], ...]


def fold(extents: Sequence[int], factors: Sequence[Sequence[int]], distance: int) -> Folded:
    """Fold a nest, of which ``factors`` has those of each operand by loop.

    distance: steps between two updates of an accumulator, at least. Raises `FaultError`
    ("distance") where no pair of loops keeps it.
    """
    still = Loop(1, (0,) * len(factors))
    loops = _merged(Loop(e, tuple(moves)) for e, *moves in zip(extents, *factors, strict=True))
    loops = [still] * (2 - len(loops)) + loops
    pairs = [
        ((loops[a], loops[b]), [loop for at, loop in enumerate(loops) if at not in (a, b)])
        for a, b in combinations(range(len(loops)), 2)
    ]
    apart = [pair for pair in pairs if distance_of([*pair[0], *pair[1]]) >= distance]
    if not apart:
        raise FaultError("no order of loops keeps updates of an accumulator apart", "distance")
    (outer, inner), rest = min(apart, key=lambda pair: prod(loop.extent for loop in pair[1]))
    return Folded(outer, inner, tuple(_places(rest, at) for at in range(len(factors))))


def distance_of(loops: Sequence[Loop]) -> int:
    """Steps from one update of an accumulator to the next, at least."""
    inside, least = 1, NEVER
    for loop in reversed(loops):
        if loop.extent > 1 and loop.factors[0] == 0:
            least = min(least, inside)
        inside *= loop.extent
    return least


def _merged(given: Iterator[Loop]) -> list[Loop]:
    loops: list[Loop] = []
    for loop in given:
        if loop.extent > 1:
            whole = tuple(factor * loop.extent for factor in loop.factors)
            if loops and loops[-1].factors == whole:
                loops[-1] = Loop(loops[-1].extent * loop.extent, loop.factors)
            else:
                loops.append(loop)
    return loops


def _places(loops: Sequence[Loop], operand: int) -> NDArray[np.int64]:
    places = np.zeros(1, np.int64)
    for loop in loops:
        steps = loop.factors[operand] * np.arange(loop.extent)
        places = (places[:, None] + steps).reshape(-1)
    return places
