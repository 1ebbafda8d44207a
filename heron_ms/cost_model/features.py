"""Assignments of several sketches as one feature matrix (Heron's cost model)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from heron_ms.csp import Problem


class Features:
    """Columns are the union of the sketches' variables, on a log scale, and one for each sketch.

    A variable that a sketch does not have is missing (NaN), which gradient-boosted trees take.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        names = dict.fromkeys(name for problem in problems for name in problem.names)
        self.names = [*names, *(f"sketch.{index}" for index in range(len(problems)))]
        position = {name: p for p, name in enumerate(self.names)}
        # With a dtype: a program without decisions has no columns, which numpy takes for floats.
        self._columns = [
            np.array([position[name] for name in problem.names], dtype=np.int64)
            for problem in problems
        ]
        self._first_sketch = len(names)

    def matrix(
        self, sketches: Sequence[int], rows: Sequence[NDArray[np.int64]]
    ) -> NDArray[np.float32]:
        """float32 [individuals, features] of the rows, each an assignment of its sketch."""
        matrix = np.full((len(rows), len(self.names)), np.nan, dtype=np.float32)
        matrix[:, self._first_sketch :] = 0.0
        order = np.asarray(sketches)
        for sketch in sorted(set(sketches)):
            members = np.flatnonzero(order == sketch)
            values = np.stack([rows[int(member)] for member in members])
            matrix[np.ix_(members, self._columns[sketch])] = _log(values)
            matrix[members, self._first_sketch + sketch] = 1.0
        return matrix


def _log(values: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.sign(values) * np.log2(1.0 + np.abs(values))
