"""Choosing parents and candidates by their scores."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from heron_ms.search.selection import epsilon_greedy, roulette

SCORES = arrays(np.float64, st.integers(1, 40), elements=st.floats(-5, 0))


@given(SCORES, st.integers(0, 60))
def test_roulette_draws_without_repeating(scores: np.ndarray, n: int) -> None:
    drawn = roulette(scores, n, np.random.default_rng(0))
    assert len(drawn) == min(n, len(scores))
    assert len(set(drawn.tolist())) == len(drawn)


def test_roulette_prefers_high_scores() -> None:
    scores = np.array([-4.0, -4.0, 0.0])
    rng = np.random.default_rng(0)
    drawn = [int(roulette(scores, 1, rng)[0]) for _ in range(200)]
    assert drawn.count(2) > 190


def test_roulette_with_replacement_may_repeat() -> None:
    drawn = roulette(np.zeros(2), 50, np.random.default_rng(0), replace=True)
    assert len(drawn) == 50


@given(SCORES, st.integers(1, 40), st.floats(0, 1))
def test_epsilon_greedy_takes_each_once(scores: np.ndarray, n: int, greedy: float) -> None:
    chosen = epsilon_greedy(scores, n, greedy, np.random.default_rng(0))
    assert len(chosen) == min(n, len(scores))
    assert len(set(chosen.tolist())) == len(chosen)


def test_the_greedy_share_is_the_best() -> None:
    scores = np.arange(20.0)
    chosen = epsilon_greedy(scores, 8, 0.75, np.random.default_rng(0))
    assert chosen[:6].tolist() == [19, 18, 17, 16, 15, 14]
