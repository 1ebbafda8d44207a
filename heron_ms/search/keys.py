"""Key variables: which ones a child inherits from its parents (Heron's CGA)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from numpy.random import Generator

FEWEST = 2


def by_importance(
    names: Sequence[str], importance: Mapping[str, float], share: float
) -> tuple[str, ...]:
    """The share of a sketch's variables that the model splits on most, most important first."""
    known = sorted((n for n in names if n in importance), key=lambda n: -importance[n])
    return tuple(known[: _number(names, share)])


def at_random(names: Sequence[str], share: float, rng: Generator) -> tuple[str, ...]:
    """As many at random: the rival that the paper calls CGA-1."""
    number = min(_number(names, share), len(names))
    return tuple(names[p] for p in rng.permutation(len(names))[:number])


def _number(names: Sequence[str], share: float) -> int:
    return max(FEWEST, ceil(share * len(names)))
