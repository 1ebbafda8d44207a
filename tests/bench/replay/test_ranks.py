"""The rank test of strategies: one objective against scipy, many against a pooled question."""

from __future__ import annotations

from math import inf, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu, norm

from scripts.bench.replay.ranks import Samples, p_value, ranks, samples
from scripts.bench.replay.searches import Curve, Search

SECONDS = st.lists(st.sampled_from([1.0, 1.5, 2.0, 3.0, inf]) | st.floats(1, 9), min_size=2)
BUSY = settings(deadline=None)
"""A busy machine is no failure."""


@BUSY
@given(SECONDS, SECONDS)
def test_one_objective_is_the_test_of_mann_and_whitney(
    default: list[float], rival: list[float]
) -> None:
    if len({*default, *rival}) == 1:
        assert p_value([Samples(default, rival)]) == 0.5
        return
    expected = mannwhitneyu(
        rival, default, alternative="greater", method="asymptotic", use_continuity=False
    )
    assert p_value([Samples(default, rival)]) == pytest.approx(float(expected.pvalue), rel=1e-9)


@BUSY
@given(st.lists(SECONDS, min_size=1, max_size=4))
def test_equal_samples_say_nothing(found: list[list[float]]) -> None:
    assert p_value(Samples(pair, pair) for pair in found) == pytest.approx(0.5)


@BUSY
@given(st.lists(st.tuples(SECONDS, SECONDS), min_size=1, max_size=4))
def test_exchanging_the_strategies_exchanges_the_tails(
    found: list[tuple[list[float], list[float]]],
) -> None:
    forth = p_value(Samples(ours, theirs) for ours, theirs in found)
    back = p_value(Samples(theirs, ours) for ours, theirs in found)
    assert forth + back == pytest.approx(1.0)


@BUSY
@given(st.integers(1, 6), st.floats(1e-6, 1e6))
def test_separated_samples_grow_surer_with_the_objectives(count: int, scale: float) -> None:
    apart = Samples([scale * factor for factor in range(1, 11)], [scale * 99] * 10)
    alone = p_value([apart])
    assert alone < 1e-4
    together = norm.sf(norm.isf(alone) * sqrt(count))
    assert p_value([apart] * count) == pytest.approx(together, rel=1e-6)


def test_objectives_are_not_pooled() -> None:
    """Ranks over both objectives would be led by their scales: here the rival wins in neither."""
    fast, slow = Samples([1.0, 2.0] * 5, [3.0] * 2), Samples([100.0] * 2, [200.0, 300.0] * 5)
    assert p_value([fast, slow]) < p_value([fast]) < 0.05


def _curve(objective: str, strategy: str, seed: int, *best: float) -> Curve:
    return Curve(Search(objective, strategy, seed, len(best)), best)


def test_the_table_has_a_line_for_each_rival_and_leaves_out_budgets_not_searched() -> None:
    curves = [
        _curve(objective, strategy, seed, *[9.0] * 40, *[at + seed / 9] * 24)
        for objective in ("one", "two")
        for strategy, at in (("cga", 1.0), ("random", 3.0), ("same", 1.0))
        for seed in range(5)
    ]
    head, _, random, same = ranks(curves, "cga").text.splitlines()
    assert head == "| strategy | p at 32 | p at 64 |"
    (_, _, tied, apart, _), (*_, equal, _) = random.split("|"), same.split("|")
    assert float(tied) == float(equal) == 0.5 and 0 < float(apart) < 0.001


def test_only_what_both_searched_is_compared() -> None:
    ours, theirs = [_curve("one", "cga", 0, 1.0)], [_curve("two", "random", 0, 2.0)]
    assert samples(ours, theirs, 1) == []
    assert ranks(ours, "cga").text == "" and ranks(theirs, "cga").text == ""


def test_a_search_that_ended_early_keeps_its_best_and_an_empty_one_loses() -> None:
    ours, theirs = [_curve("one", "cga", 0, 2.0, 1.0)], [_curve("one", "random", 0)]
    assert samples(ours, theirs, 32) == [Samples([1.0], [inf])]
