"""The moves of a split: d(d-1) directions, each to one neighbour (FlexTensor, ASPLOS 2020).

Direction (i, j) raises factor i to the next divisor of the product of factors i and j, and gives j
what is left. (j, i) takes it back, and from any split every other can be reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import TypeAlias

from heron_ms.csp import raised
from heron_ms.errors import FlexTensorError

Direction: TypeAlias = tuple[int, int]
"""The position of the factor that rises, and of the one that falls."""


def directions(parts: int) -> tuple[Direction, ...]:
    """All directions of a split into `parts` factors, in order: parts * (parts - 1) of them."""
    return tuple(permutations(range(parts), 2))


def moved(factors: Sequence[int], direction: Direction) -> tuple[int, ...] | None:
    """The neighbour of a split in a direction; None where the factor that falls is 1 already.

    Raises `FlexTensorError` for a factor below 1 and for a direction that the split does not have.
    """
    rises, falls = direction
    if min(factors, default=1) < 1 or direction not in directions(len(factors)):
        raise FlexTensorError(f"no direction {direction} of the split {tuple(factors)}")
    pair = raised(factors[rises], factors[falls])
    if pair is None:
        return None
    changed = {rises: pair[0], falls: pair[1]}
    return tuple(changed.get(at, factor) for at, factor in enumerate(factors))
