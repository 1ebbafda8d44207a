"""The solver against brute force on random small problems."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heron_ms.csp import Constraint, Problem, Prod, Variable
from heron_ms.csp.compile import tables
from heron_ms.csp.compile.join import join
from heron_ms.csp.compile.narrow import narrowed
from heron_ms.csp.compile.plan import Plan, compile_plan
from heron_ms.csp.draw.complete_search import search
from heron_ms.csp.draw.population import solve_each
from heron_ms.csp.draw.sampling import assemble, sampled_join, solutions
from tests.csp.random_problems import brute_force, constraints, domains, generator, problems, rows

EXAMPLES = settings(max_examples=100, deadline=None)
FEWER = settings(max_examples=60, deadline=None)


def compiled(problem: Problem) -> Plan | None:
    """The compiled and narrowed problem."""
    plan = compile_plan(problem.variables, problem.constraints)
    return None if plan is None else narrowed(plan)


@EXAMPLES
@given(problems())
def test_sample_gives_all_solutions_once(problem: Problem) -> None:
    truth = brute_force(problem)
    found = rows(problem, problem.sample(len(truth) + 5, generator()))
    assert len(found) == len(set(found))
    assert set(found) == truth


@EXAMPLES
@given(problems(), st.integers(1, 8))
def test_sample_gives_as_many_as_asked(problem: Problem, n: int) -> None:
    truth = brute_force(problem)
    found = rows(problem, problem.sample(n, generator(n)))
    assert len(set(found)) == len(found) == min(n, len(truth))
    assert set(found) <= truth


@EXAMPLES
@given(problems())
def test_count_and_satisfiable(problem: Problem) -> None:
    truth = brute_force(problem)
    assert problem.count() == len(truth)
    assert problem.is_satisfiable() == bool(truth)
    assert problem.estimate_count(generator()) == len(truth)


@FEWER
@given(st.data(), problems())
def test_extra_constraints(data: st.DataObject, problem: Problem) -> None:
    extra = data.draw(st.lists(constraints(list(problem.names), -4, 12), max_size=3))
    truth = brute_force(problem, *extra)
    found = rows(problem, problem.sample(len(truth) + 1, generator(), *extra))
    assert set(found) == truth
    assert problem.is_satisfiable(*extra) == bool(truth)
    assert problem.with_constraints(*extra).count() == len(truth)


@FEWER
@given(st.data(), problems())
def test_sample_each(data: st.DataObject, problem: Problem) -> None:
    sets = data.draw(
        st.lists(
            st.lists(constraints(list(problem.names), -4, 12), max_size=3), min_size=1, max_size=4
        )
    )
    for extra, row in zip(sets, problem.sample_each(generator(), sets), strict=True):
        truth = brute_force(problem, *extra)
        assert (row is None) == (not truth)
        assert row is None or tuple(row.tolist()) in truth


@FEWER
@given(problems())
def test_sample_each_avoids_what_it_can(problem: Problem) -> None:
    truth = sorted(brute_force(problem))
    if len(truth) < 2:
        return
    avoid = np.array(truth[1:], np.int64)
    found = problem.sample_each(generator(), [[]] * 3, avoid)
    assert all(row is not None and tuple(row.tolist()) == truth[0] for row in found)


@EXAMPLES
@given(problems())
def test_search_alone(problem: Problem) -> None:
    """The complete search with leaves so small that it must branch all the way down."""
    plan = compile_plan(problem.variables, problem.constraints)
    blocks = [] if plan is None else [b for b in search(plan, generator(), 1) if b is not None]
    found = [
        tuple(row) for block in blocks for row in solutions(block, 10**6, generator()).tolist()
    ]
    assert len(found) == len(set(found))
    assert set(found) == brute_force(problem)


@FEWER
@given(problems())
def test_without_a_join(problem: Problem) -> None:
    """Rejection, sampled joins and the search together find every solution of a small problem."""
    plan = compiled(problem)
    truth = brute_force(problem)
    if plan is None:
        assert not truth
        return
    found = solutions(join(plan, 1), len(truth) + 1, generator(), budget=2**12)
    assert {tuple(row) for row in found.tolist()} == truth


@FEWER
@given(problems())
def test_sampled_join_is_sound(problem: Problem) -> None:
    plan = compiled(problem)
    if plan is None:
        return
    sampled, share = sampled_join(join(plan, 1), generator(), width=20)
    assert 0 < share <= 1
    if sampled.total and not sampled.open:
        found = solutions(sampled, 50, generator())
        assert {tuple(row) for row in found.tolist()} <= brute_force(problem)


@EXAMPLES
@given(st.data(), problems())
def test_check_names_what_is_broken(data: st.DataObject, problem: Problem) -> None:
    values = {n: data.draw(st.integers(-6, 14)) for n in problem.names}
    inside = all(values[v.name] in v.domain for v in problem.variables)
    row = tuple(values.values())
    assert (not problem.check(values)) == (row in brute_force(problem))
    assert inside or any(str(c).split()[1] == "in" for c in problem.check(values))


@FEWER
@given(problems())
def test_complete(problem: Problem) -> None:
    for row in sorted(brute_force(problem))[:3]:
        values = dict(zip(problem.names, row, strict=True))
        tunable = {v.name: values[v.name] for v in problem.variables if v.role == "tunable"}
        full = problem.complete(tunable)
        assert full is not None and not problem.check(full)
        assert tunable.items() <= full.items()
        assert problem.complete(values) == values


@FEWER
@given(problems())
def test_conflict_is_irreducible(problem: Problem) -> None:
    clash = problem.conflict()
    assert bool(clash) == (not brute_force(problem))
    stated = [c for c in clash if c.rule != "domain"]
    for dropped in stated:
        rest = Problem(problem.variables, [c for c in stated if c is not dropped])
        assert rest.is_satisfiable()
    if clash:
        assert not Problem(problem.variables, stated).is_satisfiable()


def test_assemble_is_in_the_order_of_names() -> None:
    problem = Problem([], [])
    assert problem.sample(3, generator()) == [{}]
    assert assemble(compile_plan([], []), {}, 2).shape == (2, 0)  # type: ignore[arg-type]


@FEWER
@given(st.data(), problems())
def test_sample_each_at_its_limits(data: st.DataObject, problem: Problem) -> None:
    """Tables that are not joined beforehand, and a limit that drops most partial rows."""
    sets = data.draw(
        st.lists(st.lists(constraints(list(problem.names), -4, 12), max_size=2), max_size=3)
    )
    plan = compiled(problem)
    found = (
        [None] * len(sets)
        if plan is None
        else solve_each(join(plan, 1), sets, generator(), None, (2, 5))
    )
    for extra, row in zip(sets, found, strict=True):
        truth = brute_force(problem, *extra)
        assert (row is None) == (not truth)
        assert row is None or tuple(row.tolist()) in truth


@FEWER
@given(problems())
def test_ranges_too_long_to_list(problem: Problem) -> None:
    """The same answers when no range is listed, as if all were very long."""
    truth = brute_force(problem)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "LONGEST", 1)
        assert {*rows(problem, problem.sample(len(truth) + 1, generator()))} == truth
        (row,) = problem.sample_each(generator(), [[]])
        assert (row is None) == (not truth)
        assert row is None or tuple(row.tolist()) in truth


@FEWER
@given(
    st.lists(
        st.tuples(
            st.sampled_from([4, 6, 7, 8, 12]),
            st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=4, unique=True),
        ),
        min_size=1,
        max_size=3,
    ),
    st.lists(domains(1, 12, 8), min_size=4, max_size=4),
    st.lists(constraints(["a", "b", "c", "d", "t"], 1, 12), max_size=2),
)
def test_splits_that_share_factors(
    splits: list[tuple[int, list[str]]],
    ranges: list[range | tuple[int, ...]],
    rules: list[Constraint],
) -> None:
    variables = [Variable(n, d, "tunable") for n, d in zip("abcd", ranges, strict=True)]
    products = [Prod(number, tuple(factors)) for number, factors in splits]
    nested = [Prod("t", ("a", "b")), Prod(12, ("t", "c"))] if len(splits) == 2 else []
    problem = Problem([*variables, Variable("t", range(1, 30))], [*products, *nested, *rules])
    truth = brute_force(problem)
    assert {*rows(problem, problem.sample(len(truth) + 1, generator()))} == truth
    assert problem.count() == len(truth)
    assert (problem.sample_each(generator(), [[]])[0] is None) == (not truth)


def test_a_split_without_factorisations() -> None:
    problem = Problem(
        [Variable("a", (2, 3)), Variable("b", (2, 3, 4))],
        [Prod(7, ("a", "b"))],
    )
    assert problem.sample(1, generator()) == [] and problem.count() == 0
