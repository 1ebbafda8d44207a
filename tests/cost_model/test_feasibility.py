"""Probabilities of building and running."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heron_ms.cost_model import Feasibility
from heron_ms.cost_model.soft import LEAST

RNG = np.random.default_rng(0)
FEATURES = RNG.uniform(size=(96, 5)).astype(np.float32)


def _trained(failing: np.ndarray) -> Feasibility:
    model = Feasibility(0)
    model.train(FEATURES, np.where(failing, np.inf, 1e-3))
    return model


@pytest.mark.parametrize("kind", [True, False])
def test_one_kind_alone_says_nothing(kind: bool) -> None:
    model = _trained(np.full(96, kind))
    assert not model.is_trained
    assert (model.probability(FEATURES) == 1.0).all()


def test_what_fails_is_learned() -> None:
    model = _trained(FEATURES[:, 2] > 0.7)
    unseen = RNG.uniform(size=(500, 5)).astype(np.float32)
    bad = unseen[:, 2] > 0.7
    chance = model.probability(unseen)
    assert np.mean(chance[bad]) < 0.2
    assert np.mean(chance[~bad]) > 0.9


def test_a_few_failures_are_learned_too() -> None:
    failing = np.zeros(96, bool)
    failing[np.argsort(FEATURES[:, 0])[:3]] = True
    chance = _trained(failing).probability(FEATURES)
    assert chance[failing].max() < chance[~failing].mean() - 0.3


@settings(max_examples=20, deadline=None)
@given(st.lists(st.booleans(), min_size=96, max_size=96))
def test_nothing_is_impossible_or_more_than_sure(failing: list[bool]) -> None:
    chance = _trained(np.array(failing)).probability(FEATURES)
    assert (chance >= LEAST).all() and (chance <= 1.0).all()
