"""An objective with a planted optimum: the further from it a solution is, the slower."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from heron_ms.csp import TUNABLE, Problem
from heron_ms.search.search_space import Individual, SearchSpace

FASTEST = 1e-3
APART = 2.0
"""How far a sketch is from another, in factors of 2 of a variable."""


class Planted:
    """Seconds of individuals: 1 ms at a random solution, a tenth more for each variable's factor 2.

    The distance is counted on the variables that a person would tune (role "tunable"). In another
    sketch than the optimum's it is counted on those that both have, and is `APART` more.
    """

    def __init__(self, space: SearchSpace, seed: int = 0) -> None:
        self.space = space
        self.optimum = space.sample(1, np.random.default_rng(seed))[0]
        names = [_tunable(sketch.problem) for sketch in space.sketches]
        shared = [set(tunable) & set(names[self.optimum.sketch]) for tunable in names]
        self._columns = [
            _columns(sketch.problem, common)
            for sketch, common in zip(space.sketches, shared, strict=True)
        ]
        home = space.sketches[self.optimum.sketch].problem
        self._best = [_log(self.optimum.row[_columns(home, common)]) for common in shared]

    def seconds(self, individuals: Sequence[Individual]) -> NDArray[np.float64]:
        """float64 [individuals]."""
        return np.array(
            [FASTEST * (1 + 0.1 * self._distance(individual)) for individual in individuals]
        )

    def _distance(self, individual: Individual) -> float:
        sketch = individual.sketch
        at = _log(individual.row[self._columns[sketch]])
        apart = 0.0 if sketch == self.optimum.sketch else APART
        return apart + float(np.abs(at - self._best[sketch]).sum())


def _tunable(problem: Problem) -> list[str]:
    return [variable.name for variable in problem.variables if variable.role == TUNABLE]


def _columns(problem: Problem, names: set[str]) -> list[int]:
    """Where the variables of these names are, in the order of the names."""
    return [problem.names.index(name) for name in sorted(names)]


def _log(values: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.log2(1.0 + np.abs(values))
