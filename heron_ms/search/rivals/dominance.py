"""Non-dominated sorting and crowding (Deb et al., NSGA-II, IEEE Trans. Evol. Comp. 6(2), 2002)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


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
