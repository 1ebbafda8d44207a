"""Models that learn from measurements, on a planted function."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from heron_ms.cost_model import CostModel, OnlineModel, RandomModel, VariableModel
from heron_ms.csp import Problem
from tests.cost_model.tiled_gemm import Sketched, agreement, points, quick_tiles, seconds_of, tiled

PROBLEM = tiled(256, 64, 128)
learning = pytest.mark.parametrize("make", [OnlineModel, VariableModel])


def failing(problem: Problem, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Programs with eight lanes or more to a tile do not run."""
    return np.where(_wide(rows), np.inf, quick_tiles(problem, rows))


def _wide(rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.asarray(rows[:, PROBLEM.names.index("C.j.3")] >= 8)


def trained(make: Any, n: int = 96, seed: int = 0, times: Any = quick_tiles) -> CostModel:
    model: CostModel = make([Sketched(PROBLEM)], seed)
    seen = points(PROBLEM, n, 1)
    model.train(seen, seconds_of(PROBLEM, seen, times))
    return model


@learning
def test_it_learns_a_planted_function(make: Any) -> None:
    unseen = points(PROBLEM, 300, 2)
    scores = trained(make).predict(unseen)
    assert agreement(scores, seconds_of(PROBLEM, unseen)) > 0.9


def test_so_does_the_rank_objective() -> None:
    unseen = points(PROBLEM, 300, 2)
    model = OnlineModel([Sketched(PROBLEM)], 0, ranked=True)
    seen = points(PROBLEM, 96, 1)
    model.train(seen, seconds_of(PROBLEM, seen))
    assert agreement(model.predict(unseen), seconds_of(PROBLEM, unseen)) > 0.9


def test_sketches_learn_from_each_other() -> None:
    """What one sketch was measured for orders another, whose names are others."""
    other = tiled(256, 64, 128, "D", ("x", "y", "z"))
    model = OnlineModel([Sketched(PROBLEM), Sketched(other)], 0)
    seen = [*points(PROBLEM, 96, 1), *points(other, 4, 1, sketch=1)]
    model.train(
        seen, np.concatenate([seconds_of(PROBLEM, seen[:96]), seconds_of(other, seen[96:])])
    )
    unseen = points(other, 300, 2, sketch=1)
    assert agreement(model.predict(unseen), seconds_of(other, unseen)) > 0.85


@learning
def test_the_seed_settles_everything(make: Any) -> None:
    unseen = points(PROBLEM, 50, 2)
    first, again, other = (trained(make, seed=seed).predict(unseen) for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_failures_do_not_blur_the_rest() -> None:
    """The times of what runs are learned apart from whether it runs."""
    runs = [point for point in points(PROBLEM, 300, 2) if not _wide(point.row[None])[0]]
    seconds = seconds_of(PROBLEM, runs)
    apart, together = (
        trained(m, times=failing).predict(runs) for m in (OnlineModel, VariableModel)
    )
    assert agreement(apart, seconds) > max(0.8, agreement(together, seconds))


@learning
def test_failures_count(make: Any) -> None:
    model = trained(make, times=failing)
    unseen = points(PROBLEM, 300, 2)
    wide = _wide(np.stack([candidate.row for candidate in unseen]))
    scores = model.predict(unseen)
    assert np.mean(scores[wide]) < np.mean(scores[~wide]) - 1.0
    runs = [candidate for candidate, bad in zip(unseen, wide, strict=True) if not bad]
    assert agreement(scores[~wide], seconds_of(PROBLEM, runs)) > 0.6


@learning
def test_where_all_fail_nothing_is_learned(make: Any) -> None:
    model = trained(make, times=lambda _, rows: np.full(len(rows), np.inf))
    assert not model.is_trained
    assert np.ptp(model.predict(points(PROBLEM, 9, 2))) == 0.0


@learning
def test_one_measurement_is_enough_to_be_asked(make: Any) -> None:
    model = trained(make, n=1)
    assert model.is_trained
    assert np.isfinite(model.predict(points(PROBLEM, 9, 2))).all()


@learning
def test_importance_names_variables(make: Any) -> None:
    importance = trained(make).importance()
    assert importance and set(importance) <= set(PROBLEM.names)


def test_importance_is_of_what_can_be_tuned_and_matters() -> None:
    """The planted function knows nothing of the outer loops."""
    tunable = {variable.name for variable in PROBLEM.variables if variable.role == "tunable"}
    importance = trained(OnlineModel).importance()
    assert set(importance) <= tunable
    first, second, *_ = sorted(importance, key=lambda name: -importance[name])
    assert {first, second} <= {"C.i.3", "C.j.3", "C.k.1", "C.k.0"}


def test_chance_keeps_its_word() -> None:
    drawn = points(PROBLEM, 50, 2)
    model = RandomModel([Sketched(PROBLEM)], 1)
    scores = model.predict(drawn)
    assert np.array_equal(scores[10:20], model.predict(drawn[10:20]))
    assert not np.array_equal(scores, RandomModel([Sketched(PROBLEM)], 2).predict(drawn))
    assert len(set(scores.tolist())) == 50
