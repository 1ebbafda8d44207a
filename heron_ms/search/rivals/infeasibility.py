"""GA-3: the infeasibility-driven evolutionary algorithm (Ray, Singh, Isaacs and Smith, 2009).

A share of the population is kept for the best infeasible ones, since good programs often lie on the
edge of what is allowed. The infeasible are ordered by non-dominated sorting of two objectives, the
predicted time and the violation measure, then by crowding (Deb et al., NSGA-II, IEEE Trans. Evol.
Comp. 6(2), 2002); they rank before the feasible, which are ordered by the predicted time.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

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


def dominates(objectives: Floats) -> NDArray[np.bool_]:
    """Whether a dominates b, bool [n, n], by objectives, float64 [n, m], lower being better.

    That is: no worse in any, and better in at least one.
    """
    a, b = objectives[:, None], objectives[None]
    better: NDArray[np.bool_] = np.all(a <= b, axis=2) & np.any(a < b, axis=2)
    return better


def fronts(objectives: Floats) -> Iterator[NDArray[np.int64]]:
    """Positions front by front: each holds what only earlier fronts dominate."""
    above = dominates(objectives)
    left = np.ones(len(objectives), bool)
    while left.any():
        front = np.flatnonzero(left & ~above[left].any(axis=0))
        yield front
        left[front] = False


def crowding(objectives: Floats) -> Floats:
    """How far the neighbours of each lie apart within a front, float64 [n]; infinite at the ends.

    `objectives` is float64 [n, m]; each is measured in shares of its range.
    """
    total = np.zeros(len(objectives))
    for column in objectives.T:
        order = np.argsort(column, kind="stable")
        span = float(column[order[-1]] - column[order[0]])
        total[order[[0, -1]]] = np.inf
        if span > 0:
            total[order[1:-1]] += (column[order[2:]] - column[order[:-2]]) / span
    return total
