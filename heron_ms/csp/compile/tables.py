"""Tables: the free variables of a problem, as rows of values that they take together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from heron_ms.csp.intervals import Interval

Floats: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[np.int64]
"""Indices of rows of a table, shape [n]."""


@dataclass(frozen=True)
class ListTable:
    """Rows that are listed: `columns[c]` is a float64 [size] array of values of `names[c]`."""

    names: tuple[str, ...]
    columns: tuple[Floats, ...]

    listed = True

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.columns[0])

    def take(self, name: str, rows: Rows | slice) -> Floats:
        """The values of one variable in some rows."""
        return self.columns[self.names.index(name)][rows]

    def keep(self, rows: Any) -> ListTable:
        """The same table with only some rows, given as indices or as a mask."""
        return ListTable(self.names, tuple(c[rows] for c in self.columns))

    def halves(self) -> tuple[Table, Table]:
        """Two smaller tables, split at the middle value of the column that varies most."""
        column = max(self.columns, key=lambda c: float(np.ptp(c)))
        middle = np.partition(column, (self.size - 1) // 2)[(self.size - 1) // 2]
        low = column <= middle
        if low.all():
            low = column < middle
        return self.keep(low), self.keep(~low)

    def hull(self, name: str) -> Interval:
        """Least and greatest value of one variable."""
        column = self.columns[self.names.index(name)]
        return float(column.min()), float(column.max())


@dataclass(frozen=True)
class RangeTable:
    """One free variable whose range is too long to list; row r is the r-th value."""

    names: tuple[str]
    values: range

    listed = False

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.values)

    def take(self, name: str, rows: Rows | slice) -> Floats:
        """The values in some rows."""
        if isinstance(rows, slice):
            return np.asarray(self.values[rows], np.float64)
        return self.values.start + self.values.step * rows.astype(np.float64)

    def clip(self, interval: Interval) -> Table:
        """Only the values within `interval`; listed once they are few."""
        return domain_table(self.names[0], within(self.values, interval))

    def halves(self) -> tuple[Table, Table]:
        """Two smaller tables, split at the middle value."""
        middle, name = self.size // 2, self.names[0]
        return domain_table(name, self.values[:middle]), domain_table(name, self.values[middle:])

    def hull(self, name: str) -> Interval:
        """Least and greatest value."""
        return float(self.values[0]), float(self.values[-1])


Table: TypeAlias = ListTable | RangeTable

LONGEST = 2**16
"""Values of a range that are still listed."""


def within(domain: range | tuple[int, ...], interval: Interval) -> range | tuple[int, ...]:
    """The values of a domain that are in an interval."""
    low, high = interval
    if isinstance(domain, range):
        first = max(0, -int((domain.start - low) // domain.step))
        stop = max(first, int((high - domain.start) // domain.step) + 1)
        return domain[first:stop]
    return tuple(value for value in domain if low <= value <= high)


def domain_table(name: str, domain: range | tuple[int, ...]) -> Table:
    """The one-column table of a variable that nothing defines."""
    if isinstance(domain, range) and len(domain) > LONGEST:
        return RangeTable((name,), domain)
    return ListTable((name,), (np.array(domain, np.float64),))
