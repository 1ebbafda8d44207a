"""Tokens as numbers: one feature matrix of the assignments of several sketches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms.cost_model.features import SKETCH, SketchColumns
from heron_ms.cost_model.problem_structure import Structure, union
from heron_ms.cost_model.tokens import Token, tokens
from heron_ms.csp import Problem


class TokenFeatures(SketchColumns):
    """The tokens of the sketches; ``sources`` says which tunable variables a column is made of."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self._sketches = [SketchTokens(problem) for problem in problems]
        super().__init__([sketch.names for sketch in self._sketches])
        self.sources = {name: self._source(name) for name in self.names}

    def values(self, sketch: int, rows: NDArray[np.int64]) -> NDArray[Any]:
        """See `SketchColumns.values`."""
        return self._sketches[sketch].values(rows)

    def aligned(
        self, names: Sequence[str], sketches: Sequence[int], rows: Sequence[NDArray[np.int64]]
    ) -> NDArray[np.float32]:
        """The columns that another space was learned with, float32 [solutions, names].

        Missing (NaN) where this space has no such token.
        """
        position = {name: at for at, name in enumerate(self.names)}
        known = [at for at, name in enumerate(names) if name in position]
        columns = np.full((len(rows), len(names)), np.nan, dtype=np.float32)
        matrix = self.matrix(sketches, rows)
        columns[:, known] = matrix[:, [position[names[at]] for at in known]]
        return columns

    def of_variables(self, importance: Mapping[str, float]) -> dict[str, float]:
        """The importance of columns, handed on to the variables that they are computed from."""
        shares: dict[str, float] = {}
        for column, weight in importance.items():
            variables = self.sources.get(column, frozenset())
            for name in sorted(variables):
                shares[name] = shares.get(name, 0.0) + weight / len(variables)
        return shares

    def _source(self, name: str) -> frozenset[str]:
        return union(sketch.sources.get(name, frozenset()) for sketch in self._sketches)


def common_names(features: Sequence[TokenFeatures]) -> tuple[str, ...]:
    """The columns of some spaces that mean the same in each; the number of a sketch does not."""
    names = dict.fromkeys(name for space in features for name in space.names)
    return tuple(name for name in names if not name.startswith(SKETCH))


class SketchTokens:
    """The tokens of one problem, as weights on the logarithms of its variables."""

    def __init__(self, problem: Problem) -> None:
        structure = Structure(problem)
        listed = tokens(structure)
        self.names = list(dict.fromkeys(token.name for token in listed))
        self.sources = _sources(structure, listed)
        position = {name: at for at, name in enumerate(self.names)}
        self._column = [position[token.name] for token in listed]
        self._offsets = np.array([token.offset for token in listed], dtype=np.float64)
        self._weights = _weights(problem, listed)

    def values(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """float64 [assignments, names] of int64 rows [assignments, variables]."""
        terms = _log(rows) @ self._weights + self._offsets
        values = np.full((len(rows), len(self.names)), -np.inf)
        for at, column in enumerate(self._column):
            np.maximum(values[:, column], terms[:, at], out=values[:, column])
        return values


def _log(rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """log2, so that products are sums; below 1 it goes on downwards, as no product has zeros."""
    return np.where(rows > 0, np.log2(np.maximum(rows, 1)), -1.0 - np.log2(1.0 + np.abs(rows)))


def _sources(structure: Structure, listed: Sequence[Token]) -> dict[str, frozenset[str]]:
    known: dict[str, frozenset[str]] = {}
    for token in listed:
        sources = union(structure.sources[name] for name in token.weights)
        known[token.name] = known.get(token.name, frozenset()) | sources
    return known


def _weights(problem: Problem, listed: Sequence[Token]) -> NDArray[np.float64]:
    """float64 [variables, tokens]."""
    position = {name: at for at, name in enumerate(problem.names)}
    weights = np.zeros((len(problem.names), len(listed)))
    for column, token in enumerate(listed):
        for name, weight in token.weights.items():
            weights[position[name], column] = weight
    return weights
