"""Assignments of several sketches as one feature matrix (Heron's cost model)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms.csp import Problem

SKETCH = "sketch."
"""What the columns that tell sketches apart are called, before a number."""


class SketchColumns(ABC):
    """Columns are the union of the sketches' own, by name, and one for each sketch.

    What a sketch does not have is missing (NaN), which gradient-boosted trees take.
    """

    def __init__(self, own: Sequence[Sequence[str]]) -> None:
        names = dict.fromkeys(name for columns in own for name in columns)
        self.names = [*names, *(f"{SKETCH}{index}" for index in range(len(own)))]
        position = {name: p for p, name in enumerate(self.names)}
        # With a dtype: a program without decisions has no columns, which numpy takes for floats.
        self._columns = [
            np.array([position[n] for n in columns], dtype=np.int64) for columns in own
        ]
        self._first_sketch = len(names)

    @abstractmethod
    def values(self, sketch: int, rows: NDArray[np.int64]) -> NDArray[np.floating[Any]]:
        """A sketch's own columns, [rows, columns], of its assignments, [rows, variables]."""

    def matrix(
        self, sketches: Sequence[int], rows: Sequence[NDArray[np.int64]]
    ) -> NDArray[np.float32]:
        """float32 [individuals, features] of the rows, each an assignment of its sketch."""
        matrix = np.full((len(rows), len(self.names)), np.nan, dtype=np.float32)
        matrix[:, self._first_sketch :] = 0.0
        order = np.asarray(sketches)
        for sketch in sorted(set(sketches)):
            members = np.flatnonzero(order == sketch)
            values = self.values(sketch, np.stack([rows[int(member)] for member in members]))
            matrix[np.ix_(members, self._columns[sketch])] = values
            matrix[members, self._first_sketch + sketch] = 1.0
        return matrix


class Features(SketchColumns):
    """The variables of the sketches, on a log scale."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__([problem.names for problem in problems])

    def values(self, sketch: int, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """See `SketchColumns.values`."""
        return _log(rows)


def _log(values: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.sign(values) * np.log2(1.0 + np.abs(values))
