"""Samples: uniform, distinct, reproducible, on a problem with the structure of real ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from heron_ms.csp import Eq, In, Le, Problem, Prod, Variable
from heron_ms.csp.compile.join import join
from heron_ms.csp.compile.narrow import narrowed
from heron_ms.csp.compile.plan import Plan, compile_plan
from heron_ms.csp.draw.population import solve_each
from heron_ms.csp.draw.sampling import sampled_join, solutions
from tests.csp.gemm_problem import gemm_problem, offspring
from tests.csp.random_problems import generator

Rows = NDArray[np.int64]


def marginal_distance(found: Rows, truth: Rows) -> float:
    """The greatest total variation distance of a variable's distribution in two sets of rows."""
    worst = 0.0
    for ours, theirs in zip(found.T, truth.T, strict=True):
        values, codes = np.unique(np.concatenate([ours, theirs]), return_inverse=True)
        p = np.bincount(codes[: len(ours)], minlength=len(values)) / len(ours)
        q = np.bincount(codes[len(ours) :], minlength=len(values)) / len(theirs)
        worst = max(worst, 0.5 * float(np.abs(p - q).sum()))
    return worst


@pytest.fixture(scope="module")
def problem() -> Problem:
    return gemm_problem(16, 64, 32)


@pytest.fixture(scope="module")
def truth(problem: Problem) -> Rows:
    """Every solution."""
    count = problem.count()
    assert count is not None and 10_000 < count < 1_000_000
    rows = problem.sample_array(count + 1, generator())
    assert len(rows) == count
    return rows


@pytest.fixture(scope="module")
def plan(problem: Problem) -> Plan:
    plan = compile_plan(problem.variables, problem.constraints)
    assert plan is not None
    found = narrowed(plan)
    assert found is not None
    return found


def test_every_solution_checks(problem: Problem, truth: Rows) -> None:
    assert len({row.tobytes() for row in truth}) == len(truth)
    for row in truth[:200].tolist():
        assert problem.check(dict(zip(problem.names, row, strict=True))) == []


def test_exact_sampling_is_uniform(problem: Problem, truth: Rows) -> None:
    found = np.concatenate([problem.sample_array(1000, generator(s)) for s in range(100)])
    assert marginal_distance(found, truth) <= 0.02


def test_rejection_is_uniform(plan: Plan, truth: Rows) -> None:
    joined = join(plan, 2**11)
    assert joined.open
    found = np.concatenate([solutions(joined, 1000, generator(s)) for s in range(100)])
    assert marginal_distance(found, truth) <= 0.02


def test_sampled_joins_are_uniform(plan: Plan, truth: Rows) -> None:
    """Solutions of one round share parts, so the comparison takes many rounds."""
    joined = join(plan, 2**11)
    found, estimates = [], []
    for seed in range(80):
        sampled, share = sampled_join(joined, generator(seed), width=1000)
        found.append(solutions(sampled, 10**6, generator(seed)))
        estimates.append(sampled.total / share)
    assert np.mean(estimates) == pytest.approx(len(truth), rel=0.05)
    assert marginal_distance(np.concatenate(found), truth) <= 0.04


def test_estimate() -> None:
    large = gemm_problem(1024, 1024, 1024)
    assert large.count() == pytest.approx(large.estimate_count(generator()), rel=0.05)


def test_each_is_close_to_uniform(problem: Problem, plan: Plan, truth: Rows) -> None:
    """On a problem whose sets stay below the limit the pick is exact."""
    keep = In("unroll", frozenset({4, 16}))
    fixed = [keep, Eq("i.0", 2), Eq("i.1", 2), In("j.3", frozenset({1, 2})), Eq("k.2", 2)]
    names = list(problem.names)
    rows = problem.sample_array(10**6, generator(), *fixed)
    found = solve_each(join(plan, 2**12), [fixed] * 5000, generator(), None, (2**13,))
    assert marginal_distance(np.array(found), rows) <= 0.05
    assert set(np.array(found)[:, names.index("unroll")].tolist()) == {4, 16}


def test_each_satisfies_its_own_set(problem: Problem) -> None:
    sets = offspring(problem, 100, generator())
    for row, extra in zip(problem.sample_each(generator(), sets), sets, strict=True):
        assert row is not None
        values = dict(zip(problem.names, row.tolist(), strict=True))
        assert problem.with_constraints(*extra).check(values) == []


def test_each_prefers_what_is_new(problem: Problem) -> None:
    sets = offspring(problem, 50, generator())
    first = problem.sample_each(generator(), sets)
    known = np.array([row for row in first if row is not None])
    second = problem.sample_each(generator(), sets, known)
    seen = {tuple(row) for row in known.tolist()}
    repeated = [e for e, r in zip(sets, second, strict=True) if tuple(np.array(r).tolist()) in seen]
    for extra in repeated:
        rows = problem.sample(len(known) + 1, generator(), *extra)
        assert {tuple(a.values()) for a in rows} <= seen


def test_same_seed_same_result(problem: Problem) -> None:
    again = gemm_problem(16, 64, 32)
    again.sample(5, generator(7))
    assert problem.sample(50, generator(1)) == again.sample(50, generator(1))
    assert problem.sample(50, generator(1)) != problem.sample(50, generator(2))
    sets = offspring(problem, 20, generator())
    rows: list[list[Any]] = [p.sample_each(generator(3), sets) for p in (problem, again)]
    assert all(np.array_equal(a, b) for a, b in zip(*rows, strict=True))


def test_thin_problem_is_still_sampled() -> None:
    """Two splits tied by an equation of products that random draws would hardly ever meet."""
    names = [f"a{i}" for i in range(6)]
    variables = [Variable(n, range(1, 3000), "tunable") for n in names]
    problem = Problem(
        [*variables, Variable("t", range(1, 2**40)), Variable("u", range(1, 2**40))],
        [
            Prod("t", ("a0", "a1", "a2")),
            Prod("u", ("a3", "a4", "a5")),
            Eq("t", "u"),
            Le("t", 40_010),
            Le(40_000, "t"),
        ],
    )
    found = problem.sample(40, generator())
    assert found and not any(problem.check(a) for a in found)
