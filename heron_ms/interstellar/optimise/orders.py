"""Which loop orders of a level are worth a look (Interstellar exhausts all permutations).

What an order does to a level is which irrelevant loops keep their tensor: those inside of which no
relevant loop moves. Whichever loops move, one of a few orders keeps all that any order does; of
5040 three are left, one for each tensor that can be kept: weight, output, input.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from heron_ms.interstellar.checks import demand
from heron_ms.interstellar.nest.layer import IRRELEVANT, LOOPS, RELEVANT, TENSORS

_REUSES = [(tensor, loop) for tensor in TENSORS for loop in IRRELEVANT[tensor]]
_BIT = {loop: 1 << place for place, loop in enumerate(LOOPS)}


def orders(places: Mapping[str, int] | None = None) -> tuple[tuple[str, ...], ...]:
    """Orders of all loops, innermost first, of which one is best whatever the factors are.

    ``places`` fixes loops at positions, 0 being the innermost. Raises `ModelError` for a position
    that is taken or that there is none of.
    """
    fixed = dict(places or {})
    for loop, place in fixed.items():
        there = 0 <= place < len(LOOPS)
        demand(there, f"loop {loop}: order {place} is not within 0 and {len(LOOPS) - 1}")
    demand(len(set(fixed.values())) == len(fixed), "schedule: two loops have the same order")
    return _orders(tuple(sorted(fixed.items())))


@cache
def _orders(fixed: tuple[tuple[str, int], ...]) -> tuple[tuple[str, ...], ...]:
    """A smallest set by greedy choice: each order must be matched, whichever loops move."""
    admitted = [o for o in permutations(LOOPS) if all(o[place] == loop for loop, place in fixed)]
    inside = np.array([_inside(order) for order in admitted], np.int64)
    serves = np.concatenate([_serves(inside, moving) for moving in range(1 << len(LOOPS))], axis=1)
    chosen: list[tuple[str, ...]] = []
    while serves.size:
        best = int(np.argmax(serves.sum(axis=1)))
        chosen.append(admitted[best])
        serves = serves[:, ~serves[best]]
    return tuple(chosen)


def _inside(order: tuple[str, ...]) -> list[int]:
    """For each tensor and irrelevant loop, the relevant loops that lie inside it, as bits."""
    at = {loop: place for place, loop in enumerate(order)}
    return [sum(_BIT[r] for r in RELEVANT[t] if at[r] < at[loop]) for t, loop in _REUSES]


def _serves(inside: NDArray[np.int64], moving: int) -> NDArray[np.bool_]:
    """bool [orders, most that can be kept]: which order keeps it while these loops move."""
    places = [place for place, (_, loop) in enumerate(_REUSES) if _BIT[loop] & moving]
    kept = (inside[:, places] & moving) == 0
    patterns = np.unique(kept, axis=0)
    most = [k for k in patterns if not any(np.all(k <= o) and np.any(k < o) for o in patterns)]
    return np.stack([np.all(kept >= pattern, axis=1) for pattern in most], axis=1)
