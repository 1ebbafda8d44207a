"""GA-3: the infeasibility-driven evolutionary algorithm (Ray, Singh, Isaacs and Smith, 2009).

A share of the population is kept for the best infeasible ones, since good programs often lie on the
edge of what is allowed. The infeasible are ordered by non-dominated sorting of two objectives, the
predicted time and the violation measure, then by crowding; they rank before the feasible, which are
ordered by the predicted time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from heron_ms.search.rivals.dominance import crowding, fronts
from heron_ms.search.rivals.genetic import Genetic, Population

Floats = NDArray[np.float64]

SHARE = 0.2
"""The paper's alpha: how much of the population is infeasible."""


class InfeasibilityDriven(Genetic):
    """A genetic algorithm that keeps a share of infeasible individuals."""

    def ranked(self, population: Population) -> NDArray[np.int64]:
        """Positions, int64 [n]: the share of infeasible ones, the feasible, then the rest."""
        feasible = np.flatnonzero(population.feasible)
        feasible = feasible[np.argsort(-population.scores[feasible], kind="stable")]
        infeasible = np.flatnonzero(~population.feasible)
        if len(infeasible):
            sketches = np.array([population.individuals[p].sketch for p in infeasible])
            measure = violation_measure(population.violations[infeasible], sketches)
            infeasible = infeasible[pareto_order(-population.scores[infeasible], measure)]
        kept = round(SHARE * self.preset.population)
        return np.concatenate([infeasible[:kept], feasible, infeasible[kept:]])


def violation_measure(violations: Floats, sketches: NDArray[np.int64]) -> Floats:
    """The sum over the constraints of an individual's rank by its violation: float64 [n].

    `violations` is float64 [n, checks], `sketches` int64 [n]. Rank 0 is for a constraint that
    holds, then 1 for the least violation of it, equal ones ranking alike. Sketches have different
    constraints, so that individuals are ranked within theirs, as a share of how many these are.
    """
    measure = np.zeros(len(violations))
    for sketch in np.unique(sketches):
        members = np.flatnonzero(sketches == sketch)
        for column in violations[members].T:
            _, rank = np.unique(np.append(0.0, column), return_inverse=True)
            measure[members] += rank.ravel()[1:] / len(members)
    return measure


def pareto_order(cost: Floats, measure: Floats) -> NDArray[np.int64]:
    """Positions by non-domination in (cost, measure), float64 [n] each, lower being better."""
    objectives = np.stack([cost, measure], axis=1)
    ordered = []
    for front in fronts(objectives):
        distance = crowding(objectives[front])
        ordered.append(front[np.argsort(-distance, kind="stable")])
    return np.concatenate(ordered)
