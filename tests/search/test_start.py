"""The first batch: the prior's best first, the rest random, and all random where it cannot say."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock, patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import IRModule, Target, ms
from heron_ms.csp import Problem, Variable
from heron_ms.errors import ModelError
from heron_ms.hardware import cpu_named
from heron_ms.interstellar.prior import score
from heron_ms.interstellar.priors import PRIORS, SIEVES
from heron_ms.search import PRESETS, ConstrainedGeneticSearch, Preset
from heron_ms.search.search_space import Individual, SearchSpace
from heron_ms.search.start import DRAWN, REPLAYED, ranked_start, sieved_sample
from heron_ms.space_generators import HeronSpace

HERE = cpu_named("cascadelake")
SCORES = st.lists(st.none() | st.integers(-5, 5), min_size=1, max_size=12)


def _space(length: int = 1) -> Any:
    """One sketch of so many instructions; an individual's variable says which score it gets."""
    trace = SimpleNamespace(insts=[None] * length)
    sketch = SimpleNamespace(sketch=SimpleNamespace(trace=trace))
    return SimpleNamespace(sketches=[sketch], assignment=lambda drawn: {"which": int(drawn.row[0])})


def _drawn(count: int) -> list[Individual]:
    return [Individual(0, np.array([p])) for p in range(count)]


def _problem(name: str, values: int) -> Any:
    problem = Problem((Variable(name, range(values)),), ())
    return SimpleNamespace(problem=problem, given_up=(), key=name)


def _started(scores: list[int | None], n: int, share: float, length: int = 1) -> list[int]:
    def fake(_: Any, assignments: Any, __: Any) -> Any:
        found = scores[assignments[0]["which"]]
        if found is None:
            raise ModelError("cannot read it")
        return np.array([float(found)])

    with patch.dict(PRIORS, cpu=fake):
        started = ranked_start(_space(length), _drawn(len(scores)), n, share, HERE)
        return [int(individual.row[0]) for individual in started]


@given(scores=SCORES, n=st.integers(1, 12), share=st.floats(0, 1))
def test_the_best_come_first_and_the_rest_as_drawn(
    scores: list[int | None], n: int, share: float
) -> None:
    order = _started(scores, n, share)
    known = [p for p, known_score in enumerate(scores) if known_score is not None]
    count = min(round(n * share), len(known))
    best, others = order[:count], order[count:]
    assert sorted(order) == list(range(len(scores)))
    assert others == sorted(others)
    assert best == sorted(known, key=lambda p: -(scores[p] or 0))[:count]


def test_no_share_scores_nothing() -> None:
    with patch.dict(PRIORS, cpu=Mock(side_effect=AssertionError)):
        drawn = _drawn(4)
        assert ranked_start(_space(), drawn, 4, 0.0, HERE) == drawn


@given(count=st.integers(1, 12), length=st.integers(1, 2 * REPLAYED))
def test_of_long_traces_fewer_are_scored(count: int, length: int) -> None:
    """The last is best, and comes first only if there is time to score it."""
    order = _started(list(range(count)), 1, 1.0, length)
    scored = min(count, REPLAYED // length)
    assert order[0] == max(0, scored - 1)


def test_an_interrupt_is_not_a_program_that_cannot_be_scored() -> None:
    with (
        patch.dict(PRIORS, cpu=Mock(side_effect=RuntimeError())),
        pytest.raises(RuntimeError),
    ):
        ranked_start(_space(), _drawn(1), 1, 1.0, HERE)


def test_a_machine_without_a_prior_starts_at_random() -> None:
    with patch.dict(PRIORS, clear=True):
        drawn = _drawn(4)
        assert ranked_start(_space(), drawn, 4, 1.0, HERE) == drawn


def test_a_sieve_lets_an_equal_share_of_each_sketch_through_the_best_first() -> None:
    space, rng = SearchSpace([_problem("a", 40), _problem("b", 30)]), np.random.default_rng(0)
    with patch.dict(SIEVES, cpu=lambda _, rows, machine: -rows[:, 0]):
        chosen = sieved_sample(space, 6, rng, HERE)
    assert [(c.sketch, int(c.row[0])) for c in chosen] == [
        (0, 39), (1, 29), (0, 38), (1, 28), (0, 37), (1, 27)
    ]  # fmt: skip


def test_without_a_sieve_they_are_random() -> None:
    space = SearchSpace([_problem("a", 40)])
    with patch.dict(SIEVES, clear=True):
        chosen = sieved_sample(space, 6, np.random.default_rng(0), HERE)
    drawn = space.sample(6, np.random.default_rng(0))
    assert [c.key for c in chosen] == [d.key for d in drawn]


def test_the_paper_starts_at_random() -> None:
    assert PRESETS["paper"].prior_share == 0.0
    assert PRESETS["default"].prior_share > 0.0


def _first_batch(mod: IRModule, target: Target, share: float, space: Any = None) -> list[Any]:
    preload_intrinsics()
    context = ms.TuneContext(
        mod=mod,
        target=target,
        space_generator=HeronSpace() if space is None else space,
        search_strategy=ConstrainedGeneticSearch(Preset(batch=8, prior_share=share)),
        num_threads=1,
        rand_state=1,
    )
    context.pre_tuning(
        max_trials=8,
        num_trials_per_iter=64,
        design_spaces=context.generate_design_space(),
        database=ms.database.MemoryDatabase(),
        cost_model=ms.cost_model.RandomModel(),
    )
    batch = [candidate.sch.mod for candidate in context.generate_measure_candidates()]
    context.post_tuning()
    return batch


def test_the_share_is_better_by_the_model_than_a_random_batch(gemm: Any, dlboost: Any) -> None:
    mod = gemm(128, 256, 192)
    guided, random = (
        [score(candidate, HERE) for candidate in _first_batch(mod, dlboost, share)]
        for share in (0.5, 0.0)
    )
    assert len(guided) == len(random) == 8
    best, rest = guided[:4], guided[4:]
    assert min(best) >= max(rest)
    assert np.mean(best) > np.mean(random)


@pytest.mark.parametrize("error", [ModelError("cannot read it"), ValueError("of TVM")])
def test_what_cannot_be_scored_is_random(gemm: Any, dlboost: Any, error: Exception) -> None:
    scores = Mock(side_effect=error)
    with patch.dict(PRIORS, cpu=scores):
        assert len(_first_batch(gemm(64, 64, 64), dlboost, 0.5)) == 8
    assert 8 <= scores.call_count <= DRAWN * 8


def test_stock_s_sketches_start_too(gemm: Any, dlboost: Any) -> None:
    stock = ms.space_generator.PostOrderApply()
    assert len(_first_batch(gemm(64, 64, 64), dlboost, 0.5, stock)) == 8
