"""Interval arithmetic shared by every constraint kind.

A bound is a Python float (one interval for a whole problem) or a float64 array (one interval a
table row). Both go through the same code; the helpers below pick the builtin for floats, where a
numpy call would cost ten times as much. Values stay below 2^53, so bounds are exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np

from heron_ms.csp.variable import Operand

Bound: TypeAlias = Any
"""float, or float64 array of shape [rows]."""
Interval: TypeAlias = tuple[Bound, Bound]
Flag: TypeAlias = Any
"""bool, or bool array of shape [rows]."""

HUGE = 1e100
ANYTHING: Interval = (-HUGE, HUGE)


def smaller(a: Bound, b: Bound) -> Bound:
    """The smaller of two bounds, per row."""
    if isinstance(a, float) and isinstance(b, float):
        return a if a < b else b
    return np.minimum(a, b)


def larger(a: Bound, b: Bound) -> Bound:
    """The larger of two bounds, per row."""
    if isinstance(a, float) and isinstance(b, float):
        return a if a > b else b
    return np.maximum(a, b)


def where(flag: Flag, a: Bound, b: Bound) -> Bound:
    """`a` where `flag` holds, else `b`, per row."""
    if isinstance(flag, bool | np.bool_):
        return a if flag else b
    return np.where(flag, a, b)


def floor(a: Bound) -> Bound:
    """Round down, per row."""
    return float(math.floor(a)) if isinstance(a, float) else np.floor(a)


def ceil(a: Bound) -> Bound:
    """Round up, per row."""
    return float(math.ceil(a)) if isinstance(a, float) else np.ceil(a)


def lowest(a: Bound) -> float:
    """The least value of a bound over all rows."""
    return a if isinstance(a, float) else float(np.min(a))


def highest(a: Bound) -> float:
    """The greatest value of a bound over all rows."""
    return a if isinstance(a, float) else float(np.max(a))


def times(a: Interval, b: Interval) -> Interval:
    """The interval of all products of a value of `a` and a value of `b`."""
    if lowest(a[0]) >= 0 and lowest(b[0]) >= 0:
        return a[0] * b[0], a[1] * b[1]
    corners = (a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1])
    return (
        smaller(smaller(corners[0], corners[1]), smaller(corners[2], corners[3])),
        larger(larger(corners[0], corners[1]), larger(corners[2], corners[3])),
    )


def divided(a: Interval, b: Interval) -> Interval:
    """The integers x with x * y in `a` for some y in `b`; anything where `b` is not positive."""
    if highest(b[0]) <= 0:
        return ANYTHING
    positive = True if lowest(b[0]) > 0 else b[0] > 0
    low, high = where(positive, b[0], 1.0), where(positive, b[1], 1.0)
    least = ceil(smaller(a[0] / low, a[0] / high))
    most = floor(larger(a[1] / low, a[1] / high))
    return where(positive, least, -HUGE), where(positive, most, HUGE)


class Bounds:
    """An interval for each variable, and whether (or in which rows) all are still non-empty."""

    def __init__(self, intervals: dict[str, Interval], alive: Flag = True) -> None:
        self.intervals = intervals
        self.alive = alive

    def read(self, operand: Operand) -> Interval:
        """The interval of a variable, or the constant twice."""
        if isinstance(operand, int):
            return float(operand), float(operand)
        return self.intervals[operand]

    def tighten(self, operand: Operand, interval: Interval) -> None:
        """Intersect the interval of `operand` with `interval`."""
        old = self.read(operand)
        low, high = larger(old[0], interval[0]), smaller(old[1], interval[1])
        self.alive = self.alive & (low <= high)
        if not isinstance(operand, int):
            self.intervals[operand] = (low, high)


def others(parts: Iterable[Interval], combine: Any, unit: Interval) -> list[Interval]:
    """For each part, the combination of all the other parts."""
    items = list(parts)
    if not items:
        return []
    before, after = [unit], [unit]
    for item in items[:-1]:
        before.append(combine(before[-1], item))
    for item in reversed(items[1:]):
        after.append(combine(after[-1], item))
    return [combine(b, a) for b, a in zip(before, reversed(after), strict=True)]
