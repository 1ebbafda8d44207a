"""An objective with a planted optimum: the further from it a solution is, the slower."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from heron_ms.search.space import Individual, SearchSpace

FASTEST = 1e-3


class Planted:
    """Seconds of individuals: 1 ms at a random solution, a tenth more for each variable's factor 2.

    The distance is counted on the variables that a person would tune (role "tunable"); a solution
    of another sketch is as far as one that differs in each variable by a factor of two.
    """

    def __init__(self, space: SearchSpace, seed: int = 0) -> None:
        self.space = space
        self.optimum = space.sample(1, np.random.default_rng(seed))[0]
        problem = space.sketches[self.optimum.sketch].problem
        self._columns = [p for p, v in enumerate(problem.variables) if v.role == "tunable"]

    def seconds(self, individuals: Sequence[Individual]) -> NDArray[np.float64]:
        """float64 [individuals]."""
        return np.array([FASTEST * (1 + 0.1 * self._distance(each)) for each in individuals])

    def _distance(self, individual: Individual) -> float:
        if individual.sketch != self.optimum.sketch:
            return float(len(self._columns))
        at, best = (_log(each.row[self._columns]) for each in (individual, self.optimum))
        return float(np.abs(at - best).sum())


def _log(values: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.log2(1.0 + np.abs(values))
