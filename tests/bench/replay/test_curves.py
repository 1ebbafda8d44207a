"""The figures of the search: what is read from curves, and searches that are not made twice."""

from __future__ import annotations

from math import inf
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from scripts.bench.replay import curves as curve_tables
from scripts.bench.replay import searches as searches
from scripts.bench.replay.searches import Curve, Search


def _curve(strategy: str, seed: int, *best: float) -> Curve:
    return Curve(Search("set", strategy, seed, len(best)), best)


CURVES = [_curve("cga", seed, *np.linspace(4.0, 1.0 + 0.02 * seed, 64)) for seed in range(5)]


def test_quality_is_relative_to_the_best_known() -> None:
    assert curve_tables.quality(CURVES[0], 64, 1.0) == pytest.approx(1.0)
    assert curve_tables.quality(CURVES[0], 1, 1.0) == pytest.approx(0.25)


def test_trials_to_what_was_never_reached_are_infinite() -> None:
    near = [curve_tables.trials_to(curve, 1.01) for curve in CURVES]
    assert near[0] == 64.0 and near[1:] == [inf] * 4
    assert curve_tables.quartiles(near) == (inf, inf, inf)


def test_tables_leave_out_budgets_that_were_not_searched() -> None:
    text = curve_tables.by_objective(CURVES, {"set": 1.0}).text
    assert "after 64" in text and "after 128" not in text and "never" in text
    assert "| cga | 5 |" in curve_tables.overall(CURVES, {"set": 1.0}).text


def test_the_picture_has_a_band_for_each_trial() -> None:
    (figure,) = curve_tables.data(CURVES, {"set": 1.0})
    assert len(figure["quartiles"]) == 64
    assert all(low <= middle <= high for low, middle, high in figure["quartiles"])


def test_a_search_that_is_known_is_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def searched(explorer: Any, objective: Any, trials: int, seed: int) -> list[float]:
        made.append(seed)
        return [1.0]

    monkeypatch.setattr(searches, "best_so_far", searched)
    args = SimpleNamespace(out=tmp_path, seeds=2, trials=1, strategies=["cga", "random"])
    makers = dict.fromkeys(args.strategies, lambda: None)
    first = searches.curves(args, makers, {"set": None})  # type: ignore[arg-type]
    args.seeds = 3
    again = searches.curves(args, makers, {"set": None})  # type: ignore[arg-type]
    assert (len(first), len(again), len(made)) == (4, 6, 6)
