"""GA-1: constraints by stochastic ranking (Runarsson and Yao, IEEE Trans. Evol. Comp. 4(3), 2000).

A bubble sort in which two neighbours are compared by score where both are feasible or else with
probability `BY_SCORE`, and by violation otherwise. The violation is the sum over the constraints of
a relative difference, 0 for a solution and never below.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from heron_ms.search.rivals.genetic import Genetic, Population

BY_SCORE = 0.45
"""P_f of the paper: how often an infeasible pair is compared by score."""


class StochasticRanking(Genetic):
    """A genetic algorithm that orders its population by stochastic ranking."""

    def ranked(self, population: Population) -> NDArray[np.int64]:
        """Positions, int64 [n], best first."""
        violation = population.violations.sum(axis=1)
        return stochastic_ranking(population.scores, violation, self.rng)


def stochastic_ranking(
    scores: NDArray[np.float64],
    violation: NDArray[np.float64],
    rng: Generator,
    by_score: float = BY_SCORE,
) -> NDArray[np.int64]:
    """Positions, best first, of float64 [n] scores (higher is better) and violations (0 is none).

    As many sweeps as there are individuals, or until a sweep changes nothing.
    """
    order, value, broken = list(range(len(scores))), scores.tolist(), violation.tolist()
    for _ in order:
        before = list(order)
        draws = (rng.random(len(order) - 1) < by_score).tolist()
        for place, free in enumerate(draws):
            one, two = order[place], order[place + 1]
            if free or not (broken[one] or broken[two]):
                swap = value[one] < value[two]
            else:
                swap = broken[one] > broken[two]
            if swap:
                order[place], order[place + 1] = two, one
        if order == before:
            break
    return np.array(order, np.int64)
