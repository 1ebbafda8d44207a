"""How well a score orders programs whose times are known. Imports nothing heavy but numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEAR = 1.05
"""A program is near the best of its kind if it takes at most so many times as long."""


@dataclass(frozen=True)
class Ranking:
    """What scores say of ``programs`` with known times.

    ``correlation``: Spearman's, of score and speed; NaN where either is the same for all. The
    others are the trial that first meets a program near the fastest: ``prior`` in the order of the
    score, ``measured`` in the order given, ``random`` expected of a random order.
    """

    programs: int
    correlation: float
    prior: float
    measured: float
    random: float


def ranking(scores: Sequence[float], seconds: Sequence[float]) -> Ranking:
    """Compare the scores of programs (higher is better) with their times, all finite, in order."""
    order = np.argsort(-np.asarray(scores), kind="stable")
    near = np.asarray(seconds) <= NEAR * min(seconds)
    # The first of k marked cards among n in random order comes at (n + 1) / (k + 1) on average.
    chance = (len(near) + 1) / (int(near.sum()) + 1)
    correlation = spearman(scores, [-took for took in seconds])
    return Ranking(len(near), correlation, _first(near[order]), _first(near), chance)


def mean(rankings: Sequence[Ranking]) -> Ranking:
    """The sum of the programs, and the means of all else; of the correlations that there are."""
    known = [ranking.correlation for ranking in rankings if not np.isnan(ranking.correlation)]
    return Ranking(
        sum(ranking.programs for ranking in rankings),
        float(np.mean(known)) if known else float("nan"),
        float(np.mean([ranking.prior for ranking in rankings])),
        float(np.mean([ranking.measured for ranking in rankings])),
        float(np.mean([ranking.random for ranking in rankings])),
    )


def spearman(first: Sequence[float], second: Sequence[float]) -> float:
    """The correlation of ranks, equal values sharing theirs; NaN if all values of one are equal."""
    a, b = _ranks(first), _ranks(second)
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


def _first(near: NDArray[np.bool_]) -> float:
    return 1.0 + int(np.argmax(near))


def _ranks(values: Sequence[float]) -> NDArray[np.float64]:
    _, group, count = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - (count - 1) / 2
    return np.asarray(middle[group], dtype=np.float64)
