"""IN: a variable takes one of a set of values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms.csp.constraints.constraint import Columns, Constraint
from heron_ms.csp.constraints.distance import apart
from heron_ms.csp.intervals import HUGE, Bounds, Interval, ceil, floor
from heron_ms.csp.variable import Operand, format_values


@dataclass(frozen=True)
class In(Constraint):
    """`variable` is one of `values` (the paper's IN: candidate lists, crossover).

    `values` is a frozenset; a range with a positive step is taken too, so that the domain of a
    variable can be stated without listing it. Other collections are turned into a frozenset.
    """

    variable: str
    values: frozenset[int] | range
    rule: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.values, frozenset | range):
            object.__setattr__(self, "values", frozenset(self.values))

    def operands(self) -> tuple[Operand, ...]:
        return (self.variable,)

    def variables(self) -> tuple[str, ...]:
        return (self.variable,)

    def holds(self, assignment: Mapping[str, int]) -> bool:
        return assignment[self.variable] in self.values

    def mask(self, columns: Columns) -> Any:
        column = np.asarray(columns[self.variable])
        if isinstance(self.values, range):
            first, last, step = _ends(self.values)
            inside = (column >= first) & (column <= last)
            return inside if step == 1 else inside & ((column - first) % step == 0)
        if len(self.values) <= 4:
            hit = np.zeros(column.shape, bool)
            for value in self.values:
                hit |= column == value
            return hit
        padded = np.append(self._sorted, np.inf)
        return padded[np.searchsorted(self._sorted, column)] == column

    def violation(self, columns: Columns) -> Any:
        """How far the nearest allowed value is; 1 where none is allowed."""
        column = np.asarray(columns[self.variable], np.float64)
        return apart(column, self._nearest(column)) if len(self.values) else column * 0.0 + 1.0

    def prune(self, bounds: Bounds) -> None:
        interval = bounds.read(self.variable)
        bounds.tighten(self.variable, self._snap(interval))

    def allowed(self) -> tuple[str, frozenset[int] | range] | None:
        return self.variable, self.values

    def __str__(self) -> str:
        values = self.values if isinstance(self.values, range) else tuple(sorted(self.values))
        return f"{self.variable} in {format_values(values)}"

    @cached_property
    def _sorted(self) -> NDArray[np.float64]:
        return np.array(sorted(self.values), np.float64)

    def _nearest(self, column: NDArray[np.float64]) -> NDArray[np.float64]:
        """The allowed value next to each; there is one."""
        if isinstance(self.values, range):
            first, last, step = _ends(self.values)
            return np.clip(first + np.round((column - first) / step) * step, first, last)
        right = np.clip(np.searchsorted(self._sorted, column), 0, len(self._sorted) - 1)
        left = np.maximum(right - 1, 0)
        above, below = self._sorted[right], self._sorted[left]
        return np.where(np.abs(column - below) < np.abs(column - above), below, above)

    def _snap(self, interval: Interval) -> Interval:
        """The least allowed value from the low end up, the greatest from the high end down."""
        if isinstance(self.values, range):
            first, last, step = _ends(self.values)
            if step == 1:
                return float(first), float(last)
            low = first + ceil((interval[0] - first) / step) * step
            high = first + floor((interval[1] - first) / step) * step
            return np.maximum(low, float(first)), np.minimum(high, float(last))
        above = np.append(self._sorted, HUGE)
        below = np.insert(self._sorted, 0, -HUGE)
        low = above[np.searchsorted(self._sorted, interval[0], "left")]
        high = below[np.searchsorted(self._sorted, interval[1], "right")]
        return low, high


def _ends(values: range) -> tuple[int, int, int]:
    """First, last and step; an empty range gives a last below the first."""
    return values.start, values[-1] if values else values.start - 1, values.step
