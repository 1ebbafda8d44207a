"""Violations: 0 exactly where a constraint holds, positive and bounded where not, monotone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heron_ms.csp import (
    Constraint,
    Decisions,
    In,
    Le,
    Problem,
    Prod,
    Select,
    UnsatisfiableError,
    Variable,
)
from tests.csp.random_problems import brute_force, constraints, problems

NAMES = ["a", "b", "c"]
VALUES = st.integers(-6, 14)
EXAMPLES = settings(max_examples=100, deadline=None)


@EXAMPLES
@given(
    constraints(NAMES, -4, 12), st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=8)
)
def test_it_is_zero_exactly_where_it_holds(
    kind: Constraint, rows: list[tuple[int, int, int]]
) -> None:
    for dtype in (np.int64, np.float64):
        columns = dict(zip(NAMES, np.array(rows, dtype).T, strict=True))
        violation = np.broadcast_to(kind.violation(columns), len(rows))
        holds = np.broadcast_to(kind.mask(columns), len(rows))
        assert (violation >= 0).all() and (violation <= 3).all()
        assert ((violation == 0) == holds).all()
    for row, expected in zip(rows, violation.tolist(), strict=True):
        assert float(kind.violation(dict(zip(NAMES, row, strict=True)))) == expected


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 2**48), st.integers(1, 2**40), st.integers(1, 2**40))
def test_more_over_a_capacity_is_a_larger_violation(capacity: int, over: int, more: int) -> None:
    rule = Le("bytes", capacity)
    one, two = (float(rule.violation({"bytes": capacity + by})) for by in (over, over + more))
    assert 0 < one <= two < 1


@settings(max_examples=50, deadline=None)
@given(st.frozensets(VALUES, min_size=1), VALUES)
def test_a_set_is_as_far_as_its_nearest_value(values: frozenset[int], value: int) -> None:
    nearest = min(abs(value - allowed) for allowed in values)
    apart = float(In("v", values).violation({"v": value}))
    sizes = [max(abs(value), abs(v), 1) for v in values if abs(value - v) == nearest]
    assert any(apart == pytest.approx(nearest / size) for size in sizes)


def test_an_empty_set_is_violated_by_all() -> None:
    for values in (frozenset[int](), range(0)):
        assert In("v", values).violation({"v": np.array([0.0, 3.0])}).tolist() == [1.0, 1.0]


def test_an_index_out_of_range_adds_to_the_wrong_target() -> None:
    rule = Select("t", "i", ("a", "b"))
    values = {"a": 4, "b": 8}
    assert float(rule.violation({**values, "i": 1, "t": 8})) == 0
    assert float(rule.violation({**values, "i": 2, "t": 8})) == pytest.approx(1 / 2)
    assert float(rule.violation({**values, "i": 2, "t": 4})) == pytest.approx(1.0)


@settings(max_examples=50, deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_a_vector_is_a_solution_exactly_where_nothing_is_violated(
    problem: Problem, random: object
) -> None:
    solutions = brute_force(problem)
    decisions = Decisions(problem)
    try:
        names = decisions.names
    except UnsatisfiableError:
        assert not solutions
        return
    rng = np.random.default_rng(random.getrandbits(32))  # type: ignore[attr-defined]
    vectors = np.array([[rng.choice(v) for v in decisions.values.values()] for _ in range(20)])
    rows = decisions.extended(vectors.reshape(20, len(names)).astype(np.int64))
    feasible = ~decisions.violations(rows).any(axis=1)
    assert feasible.tolist() == [tuple(row) in solutions for row in rows.tolist()]


@settings(max_examples=50, deadline=None)
@given(problems())
def test_the_free_variables_say_all_of_a_solution(problem: Problem) -> None:
    solutions = np.array(sorted(brute_force(problem)), np.int64)
    if not len(solutions):
        return
    decisions = Decisions(problem)
    vectors = solutions[:, decisions.positions]
    assert (decisions.extended(vectors) == solutions).all()
    for column, name in zip(vectors.T, decisions.names, strict=True):
        assert np.isin(column, decisions.values[name]).all()


def test_splits_are_the_factors_of_an_axis() -> None:
    factors = [Variable(f"i.{p}", (1, 2, 4, 8), "tunable") for p in range(3)]
    problem = Problem(
        [*factors, Variable("unroll", (0, 16), "tunable"), Variable("tile", range(1, 65))],
        [Prod(8, ("i.0", "i.1", "i.2")), Prod("tile", ("i.1", "i.2"))],
    )
    assert Decisions(problem).splits == (("i.0", "i.1", "i.2"),)
    assert set(Decisions(problem).names) == {"i.0", "i.1", "i.2", "unroll"}


def test_an_infeasible_vector_is_violated_by_what_it_breaks() -> None:
    problem = Problem(
        [Variable("a", (1, 2, 4)), Variable("b", (1, 2, 4)), Variable("c", range(1, 17))],
        [Prod(4, ("a", "b")), Prod("c", ("a", "a")), Le("c", 8)],
    )
    rows = Decisions(problem).extended(np.array([[2, 2], [2, 4]]))
    broken = Decisions(problem).violations(rows) > 0
    assert [str(c) for c, b in zip(Decisions(problem).checks, broken[1], strict=True) if b] == [
        "a * b = 4"
    ]
    assert not broken[0].any()
