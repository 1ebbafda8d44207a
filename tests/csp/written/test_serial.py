"""A problem written as JSON is the same problem when it is read, and so are its solutions."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heron_ms.csp import (
    Eq,
    In,
    Le,
    Problem,
    Prod,
    SerialProblemError,
    Variable,
    columns_of,
    completed,
    from_json,
    to_json,
)
from heron_ms.csp.meaning import LANES, Meaning
from tests.csp.gemm_problem import gemm_problem
from tests.csp.random_problems import brute_force, generator, problems

MEANING = Meaning(LANES, 3)


def through_text(problem: Problem) -> Problem:
    return from_json(json.loads(json.dumps(to_json(problem))))


@settings(max_examples=50, deadline=None)
@given(problem=problems())
def test_a_round_trip_keeps_everything(problem: Problem) -> None:
    back = through_text(problem)
    assert back == problem
    assert [type(constraint) for constraint in back.constraints] == [
        type(constraint) for constraint in problem.constraints
    ]
    assert to_json(back) == to_json(problem)
    assert str(back) == str(problem)


def test_rules_and_kinds_of_value_sets_are_kept() -> None:
    variables = [Variable("a", range(0, 9, 3), "loop"), Variable("b", (1, 5), "tunable", MEANING)]
    rules = [In("a", range(0, 9, 2), "C3"), In("b", frozenset((5, 1)), "C4"), Le("a", 7, "C5")]
    back = through_text(Problem(variables, rules))
    assert [constraint.rule for constraint in back.constraints] == ["C3", "C4", "C5"]
    assert [getattr(constraint, "values", None) for constraint in back.constraints[:2]] == [
        range(0, 9, 2),
        frozenset((1, 5)),
    ]
    assert [v.role for v in back.variables] == ["loop", "tunable"]
    assert [v.meaning for v in back.variables] == [None, MEANING]


@settings(max_examples=60, deadline=None)
@given(problem=problems(), data=st.data())
def test_solutions_follow_from_the_values_of_some_variables(problem: Problem, data: Any) -> None:
    solutions = sorted(brute_force(problem))
    if not solutions:
        return
    rows = np.array(solutions, np.int64)
    names = data.draw(st.lists(st.sampled_from(problem.names), unique=True))
    back = completed(problem, names, columns_of(problem, names, rows))
    # Where the values leave a choice another solution may come back, but one with these values.
    assert {tuple(row) for row in back.tolist()} <= set(solutions)
    assert np.array_equal(columns_of(problem, names, back), columns_of(problem, names, rows))
    everything = completed(problem, problem.names, rows)
    assert np.array_equal(everything, rows)


def test_a_gemm_is_completed_from_its_tiles() -> None:
    problem = gemm_problem(128, 64, 256)
    names = [v.name for v in problem.variables if v.role == "tunable"]
    rows = problem.sample_array(300, generator())
    assert np.array_equal(completed(problem, names, columns_of(problem, names, rows)), rows)


def test_values_without_a_solution_are_named() -> None:
    problem = Problem(
        [Variable(n, range(1, 9), "tunable") for n in "ab"], [Prod(8, ("a", "b")), Eq("a", 2)]
    )
    with pytest.raises(SerialProblemError, match=r"no solution has \{'a': 2, 'b': 3\}"):
        completed(problem, ("a", "b"), np.array([[2, 4], [2, 3]]))


@pytest.mark.parametrize(
    "data",
    [
        {},
        None,
        {"variables": [["a", [1, 2]]], "constraints": []},
        {"variables": [], "constraints": [["Nonsense", "a", 1, ""]]},
        {"variables": [], "constraints": [["Eq", "a", 1, ""]]},
        {"variables": [["a", [2, 1], "loop"]], "constraints": []},
        {"variables": [["a", {"start": 1}, "loop"]], "constraints": []},
    ],
)
def test_what_is_no_problem_is_refused(data: Any) -> None:
    with pytest.raises(SerialProblemError, match="not a written problem"):
        from_json(data)
