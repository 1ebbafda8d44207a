"""Whether one strategy beats another: a rank test over all seeds, stratified by objective.

Within an objective the Mann-Whitney statistic of the best so far of all seeds of both; over the
objectives their sum with the weights of van Elteren's test, 1 / (n + m + 1). Ranks, so that neither
the scale of an objective nor a search that found nothing (infinite seconds) matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
from scipy.stats import norm, rankdata

from scripts.bench.harness.report import Report
from scripts.bench.replay.curves import budgets, grouped
from scripts.bench.replay.searches import Curve


@dataclass(frozen=True)
class Samples:
    """Best so far of an objective, in seconds: of the default, and of a rival, one a seed."""

    default: Sequence[float]
    rival: Sequence[float]

    @property
    def excess(self) -> float:
        """How far the Mann-Whitney U of the rival lies over what equal strategies would have."""
        n, m = len(self.default), len(self.rival)
        ranks = rankdata([*self.default, *self.rival])
        return float(ranks[n:].sum() - m * (n + m + 1) / 2)

    @property
    def variance(self) -> float:
        """Of ``excess`` where the strategies are equal; less where seconds are tied."""
        n, m = len(self.default), len(self.rival)
        total = n + m
        _, tied = np.unique([*self.default, *self.rival], return_counts=True)
        ties = float((tied**3 - tied).sum()) / (total * (total - 1))
        return n * m / 12 * (total + 1 - ties)

    @property
    def weight(self) -> float:
        """Of the objective among others (van Elteren 1960)."""
        return 1 / (len(self.default) + len(self.rival) + 1)


def p_value(objectives: Iterable[Samples]) -> float:
    """One-sided: how likely so much more seconds of the rival are, were both strategies equal.

    By the normal approximation, without correction for continuity. 0.5 where all is tied.
    """
    strata = [objective for objective in objectives if objective.default and objective.rival]
    variance = sum(stratum.weight**2 * stratum.variance for stratum in strata)
    if variance <= 0:
        return 0.5
    excess = sum(stratum.weight * stratum.excess for stratum in strata)
    return float(norm.sf(excess / sqrt(variance)))


def ranks(curves: Sequence[Curve], default: str) -> Report:
    """A line for each rival: p at budgets that the default is no faster; empty without a rival."""
    by_strategy = grouped(curves, "strategy")
    mine = by_strategy.pop(default, [])
    at = budgets(curves)
    if not mine or not by_strategy or not at:
        return Report("", [])
    lines = [
        [name, *(f"{p_value(samples(mine, rival, budget)):.2g}" for budget in at)]
        for name, rival in by_strategy.items()
    ]
    return Report.of_table(["strategy", *(f"p at {budget}" for budget in at)], lines)


def samples(default: Iterable[Curve], rival: Iterable[Curve], trials: int) -> list[Samples]:
    """Of each objective that both searched, the best so far after some trials."""
    ours, theirs = grouped(default, "objective"), grouped(rival, "objective")
    return [
        Samples([_reached(curve, trials) for curve in ours[name]],
                [_reached(curve, trials) for curve in theirs[name]])
        for name in ours if name in theirs
    ]  # fmt: skip


def _reached(curve: Curve, trials: int) -> float:
    return curve.best[min(trials, len(curve.best)) - 1] if curve.best else inf
