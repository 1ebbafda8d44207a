"""Projection onto the solutions: feasible, true to what is held, near, and complete."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from heron_ms.csp import Decisions, Problem, UnsatisfiableError, Variable, nearest_each, on_scale
from tests.csp.gemm_problem import gemm_problem
from tests.csp.random_problems import brute_force, problems

SEEDS = st.integers(0, 2**31)


def _distance(vector: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.float64]:
    gap = np.abs(on_scale(others.astype(float)) - on_scale(vector.astype(float)))
    return np.asarray(gap.sum(axis=-1))


@settings(max_examples=60, deadline=None)
@given(problems(), SEEDS)
def test_it_finds_the_nearest_with_what_is_held(problem: Problem, seed: int) -> None:
    solutions = np.array(sorted(brute_force(problem)), np.int64).reshape(-1, len(problem.names))
    decisions, rng = Decisions(problem), np.random.default_rng(seed)
    try:
        values = list(decisions.values.values())
    except UnsatisfiableError:
        return
    vectors = np.array([[rng.choice(v) for v in values] for _ in range(6)], np.int64)
    vectors = vectors.reshape(6, len(values))
    held = rng.random(vectors.shape) < 0.4
    for vector, hold, row in zip(
        vectors, held, nearest_each(decisions, vectors, held, rng, (2**14,)), strict=True
    ):
        free = solutions[:, decisions.positions]
        fits = (free[:, hold] == vector[hold]).all(axis=1)
        assert (row is not None) == bool(fits.any())
        if row is not None:
            assert tuple(row.tolist()) in {tuple(s) for s in solutions[fits].tolist()}
            least = _distance(vector, free[fits]).min()
            assert np.isclose(_distance(vector, row[decisions.positions]), least)


@settings(max_examples=40, deadline=None)
@given(problems(), SEEDS)
def test_a_narrow_beam_is_complete_too(problem: Problem, seed: int) -> None:
    solutions = brute_force(problem)
    decisions, rng = Decisions(problem), np.random.default_rng(seed)
    try:
        values = list(decisions.values.values())
    except UnsatisfiableError:
        return
    vectors = np.array([[rng.choice(v) for v in values] for _ in range(4)], np.int64)
    vectors = vectors.reshape(4, len(values))
    found = nearest_each(decisions, vectors, np.zeros(vectors.shape, bool), rng, (1,))
    assert all((row is not None) == bool(solutions) for row in found)
    assert all(tuple(row.tolist()) in solutions for row in found if row is not None)


def test_a_solution_is_nearest_to_itself() -> None:
    problem = gemm_problem(512, 512, 512)
    rows = problem.sample_array(50, np.random.default_rng(0))
    vectors = rows[:, Decisions(problem).positions]
    free = np.zeros(vectors.shape, bool)
    found = nearest_each(Decisions(problem), vectors, free, np.random.default_rng(0))
    assert all((a == b).all() for a, b in zip(found, rows, strict=True) if a is not None)
    assert all(solution is not None for solution in found)


def test_it_is_nearer_than_a_random_solution() -> None:
    problem, rng = gemm_problem(512, 512, 512), np.random.default_rng(1)
    decisions = Decisions(problem)
    vectors = np.stack([rng.choice(v, 60) for v in decisions.values.values()], axis=1)
    found = nearest_each(decisions, vectors, np.zeros(vectors.shape, bool), rng)
    rows = np.stack([solution for solution in found if solution is not None])
    assert len(rows) == 60 and not decisions.violations(rows).any()
    blind = problem.sample_array(60, rng)[:, decisions.positions]
    near = _distance(vectors, rows[:, decisions.positions])
    best_blind = np.array([_distance(v, blind).min() for v in vectors])
    assert (near <= best_blind).all() and near.mean() < 0.8 * best_blind.mean()


def test_without_decisions_there_is_one_solution() -> None:
    problem = Problem([Variable("only", range(3, 4))], [])
    empty = np.empty((2, 0), np.int64)
    found = nearest_each(Decisions(problem), empty, empty.astype(bool), np.random.default_rng(0))
    assert [solution.tolist() for solution in found if solution is not None] == [[3], [3]]


def test_a_variable_too_long_to_list_is_left_to_the_solver() -> None:
    problem = Problem([Variable("wide", range(0, 2**20))], [])
    assert len(Decisions(problem).values["wide"]) <= 2**12
    vectors = np.array([[7], [9]])
    held = np.array([[True], [False]])
    one, two = nearest_each(Decisions(problem), vectors, held, np.random.default_rng(0))
    assert one is not None and one.tolist() == [7] and two is not None
