"""What curves of many seeds say: quartiles at budgets, trials to come near the best, ranks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import exp, inf, log
from statistics import fmean
from typing import Any

import numpy as np

from scripts.bench.harness.report import Report
from scripts.bench.replay.searches import Curve

BUDGETS = (32, 64, 128, 256)
NEAR = (0.05, 0.01)

Groups = Mapping[str, Sequence[Curve]]
"""Curves by strategy, or by objective."""


def grouped(curves: Iterable[Curve], by: str) -> dict[str, list[Curve]]:
    """Curves by "strategy" or "objective"."""
    groups: dict[str, list[Curve]] = {}
    for curve in curves:
        groups.setdefault(getattr(curve.search, by), []).append(curve)
    return groups


def budgets(curves: Iterable[Curve]) -> list[int]:
    """The budgets that all searches came to."""
    return [budget for budget in BUDGETS if budget <= min(curve.search.trials for curve in curves)]


def quality(curve: Curve, trials: int, best: float) -> float:
    """The best known seconds over the least after some trials: 1 is the best known; at least 0."""
    reached = curve.best[min(trials, len(curve.best)) - 1] if curve.best else inf
    return best / reached


def trials_to(curve: Curve, seconds: float) -> float:
    """Trials until a search was at least so fast; infinite where it never was."""
    reached = np.flatnonzero(np.array(curve.best) <= seconds)
    return float(reached[0] + 1) if len(reached) else inf


def geometric_mean(values: Iterable[float]) -> float:
    """Of positive values."""
    return exp(fmean(log(max(value, 1e-12)) for value in values))


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """The lower one, the median and the upper one, each of them a value: some may be infinite."""
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75), method="higher").tolist()
    return low, middle, high


def by_objective(curves: Sequence[Curve], best: Mapping[str, float]) -> Report:
    """A line for each objective and strategy: quality at budgets, trials to come near."""
    head = ["objective", "strategy", "seeds", *(f"after {budget}" for budget in budgets(curves)),
            *(f"trials to {near:.0%}" for near in NEAR)]  # fmt: skip
    lines = [
        [objective, strategy, len(mine), *_at_budgets(mine, best[objective]),
         *_near(mine, best[objective])]
        for objective, members in grouped(curves, "objective").items()
        for strategy, mine in grouped(members, "strategy").items()
    ]  # fmt: skip
    return Report.of_table(head, lines)


def overall(curves: Sequence[Curve], best: Mapping[str, float]) -> Report:
    """A line for each strategy: geometric means over all objectives and seeds."""
    head = ["strategy", "searches", *(f"after {budget}" for budget in budgets(curves)),
            *(f"median trials to {near:.0%}" for near in NEAR)]  # fmt: skip
    lines = []
    for strategy, mine in grouped(curves, "strategy").items():
        means = [geometric_mean(quality(c, b, best[c.search.objective]) for c in mine)
                 for b in budgets(curves)]  # fmt: skip
        near = [quartiles([trials_to(c, best[c.search.objective] * (1 + n)) for c in mine])[1]
                for n in NEAR]  # fmt: skip
        lines.append([strategy, len(mine), *(f"{mean:.3f}" for mean in means), *map(_trials, near)])
    return Report.of_table(head, lines)


def data(curves: Sequence[Curve], best: Mapping[str, float]) -> list[dict[str, Any]]:
    """What is plotted: for each objective and strategy the quartiles of quality at each trial."""
    return [
        {
            "objective": objective,
            "strategy": strategy,
            "quartiles": [
                quartiles([quality(curve, trial, best[objective]) for curve in mine])
                for trial in range(1, 1 + max(curve.search.trials for curve in mine))
            ],
        }
        for objective, members in grouped(curves, "objective").items()
        for strategy, mine in grouped(members, "strategy").items()
    ]


def _at_budgets(curves: Sequence[Curve], best: float) -> list[str]:
    return [
        _quality([quality(curve, budget, best) for curve in curves]) for budget in budgets(curves)
    ]


def _near(curves: Sequence[Curve], best: float) -> list[str]:
    return [_band([trials_to(curve, best * (1 + near)) for curve in curves]) for near in NEAR]


def _quality(values: Sequence[float]) -> str:
    low, middle, high = quartiles(values)
    return f"{middle:.3f} ({low:.3f}-{high:.3f})"


def _band(values: Sequence[float]) -> str:
    return "{1} ({0}-{2})".format(*map(_trials, quartiles(values)))


def _trials(value: float) -> str:
    return "never" if value == inf else f"{value:.0f}"
