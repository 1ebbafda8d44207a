"""Selection: who becomes a parent, who survives, who is measured (Heron's CGA)."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray


def roulette(
    scores: NDArray[np.float64], n: int, rng: Generator, *, replace: bool = False
) -> NDArray[np.int64]:
    """Positions of n individuals, drawn with probability proportional to score - min."""
    n = n if replace else min(n, len(scores))
    weights = scores - scores.min() + 1e-6
    return rng.choice(len(scores), size=n, replace=replace, p=weights / weights.sum())


def epsilon_greedy(
    scores: NDArray[np.float64], n: int, greedy: float, rng: Generator
) -> NDArray[np.int64]:
    """Positions of n individuals: a share of the best, the rest by roulette from the others."""
    order = np.argsort(-scores, kind="stable")
    best = order[: round(n * greedy)]
    others = order[len(best) :]
    if len(others) == 0 or len(best) >= n:
        return best[:n]
    return np.concatenate([best, others[roulette(scores[others], n - len(best), rng)]])
