"""Tokens as numbers: one feature matrix of the assignments of several sketches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from heron_ms.cost_model.structure import Structure, union
from heron_ms.cost_model.tokens import Token, tokens
from heron_ms.csp import Problem

SKETCH = "sketch."
"""What the columns that tell sketches apart are called, before a number."""


class TokenFeatures:
    """Columns are the union of the sketches' tokens, and one for each sketch, like `Features`.

    A token that a sketch does not have is missing (NaN). ``sources`` says which tunable variables
    each column is computed from.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self._sketches = [SketchTokens(each) for each in problems]
        names = dict.fromkeys(name for each in self._sketches for name in each.names)
        self.names = [*names, *(f"{SKETCH}{index}" for index in range(len(problems)))]
        self.sources = {name: self._source(name) for name in self.names}
        position = {name: at for at, name in enumerate(self.names)}
        self._columns = [
            np.array([position[name] for name in each.names], dtype=np.int64)
            for each in self._sketches
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
            values = self._sketches[sketch].values(np.stack([rows[int(m)] for m in members]))
            matrix[np.ix_(members, self._columns[sketch])] = values
            matrix[members, self._first_sketch + sketch] = 1.0
        return matrix

    def of_variables(self, importance: Mapping[str, float]) -> dict[str, float]:
        """The importance of columns, handed on to the variables that they are computed from."""
        found: dict[str, float] = {}
        for column, weight in importance.items():
            variables = self.sources.get(column, frozenset())
            for name in sorted(variables):
                found[name] = found.get(name, 0.0) + weight / len(variables)
        return found

    def _source(self, name: str) -> frozenset[str]:
        return union(each.sources.get(name, frozenset()) for each in self._sketches)


class SketchTokens:
    """The tokens of one problem, as weights on the logarithms of its variables."""

    def __init__(self, problem: Problem) -> None:
        structure = Structure(problem)
        found = tokens(structure)
        self.names = list(dict.fromkeys(each.name for each in found))
        self.sources = _sources(structure, found)
        position = {name: at for at, name in enumerate(self.names)}
        self._column = [position[each.name] for each in found]
        self._offsets = np.array([each.offset for each in found], dtype=np.float64)
        self._weights = _weights(problem, found)

    def values(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """float64 [assignments, names] of int64 rows [assignments, variables]."""
        terms = _log(rows) @ self._weights + self._offsets
        found = np.full((len(rows), len(self.names)), -np.inf)
        for at, column in enumerate(self._column):
            np.maximum(found[:, column], terms[:, at], out=found[:, column])
        return found


def _log(rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """log2, so that products are sums; below 1 it goes on downwards, as no product has zeros."""
    return np.where(rows > 0, np.log2(np.maximum(rows, 1)), -1.0 - np.log2(1.0 + np.abs(rows)))


def _sources(structure: Structure, found: Sequence[Token]) -> dict[str, frozenset[str]]:
    known: dict[str, frozenset[str]] = {}
    for each in found:
        read = union(structure.sources[name] for name in each.weights)
        known[each.name] = known.get(each.name, frozenset()) | read
    return known


def _weights(problem: Problem, found: Sequence[Token]) -> NDArray[np.float64]:
    """float64 [variables, tokens]."""
    position = {name: at for at, name in enumerate(problem.names)}
    weights = np.zeros((len(problem.names), len(found)))
    for column, each in enumerate(found):
        for name, weight in each.weights.items():
            weights[position[name], column] = weight
    return weights
