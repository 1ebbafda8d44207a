"""Random problems for property tests, and their solutions by brute force."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from hypothesis import strategies as st

from heron_ms.csp import Constraint, Eq, In, Le, Operand, Problem, Prod, Select, Sum, Variable

ROLES = st.sampled_from(["tunable", "loop", "architectural", "auxiliary"])


@st.composite
def domains(draw: Any, low: int, high: int, size: int) -> range | tuple[int, ...]:
    """A range, with steps too, or a tuple of distinct values."""
    if draw(st.booleans()):
        start = draw(st.integers(low, high))
        return range(start, start + draw(st.integers(1, size)), draw(st.integers(1, 3)))
    values = st.lists(st.integers(low, high), min_size=1, max_size=size, unique=True)
    return tuple(sorted(draw(values)))


@st.composite
def constraints(draw: Any, names: list[str], low: int, high: int) -> Constraint:
    """A constraint of any kind on some of `names`, with constants here and there."""
    names_ = st.sampled_from(names)
    operand: st.SearchStrategy[Operand] = st.one_of(names_, names_, names_, st.integers(low, high))
    several = st.lists(operand, min_size=0, max_size=3).map(tuple)
    some = st.lists(operand, min_size=1, max_size=3).map(tuple)
    values = st.frozensets(st.integers(low, high), max_size=6)
    kind = draw(
        st.sampled_from(
            [
                st.builds(Prod, operand, several),
                st.builds(Prod, st.integers(1, high), some),
                st.builds(Sum, operand, several),
                st.builds(Eq, operand, operand),
                st.builds(Le, operand, operand),
                st.builds(In, names_, values),
                st.builds(Select, operand, names_, some),
                st.builds(Select, operand, st.just(0), some),
            ]
        )
    )
    return draw(kind)  # type: ignore[no-any-return]


@st.composite
def problems(
    draw: Any, variables: int = 5, rules: int = 5, low: int = -4, high: int = 12, size: int = 6
) -> Problem:
    """A problem that brute force can enumerate."""
    names = [f"v{i}" for i in range(draw(st.integers(1, variables)))]
    declared = [Variable(n, draw(domains(low, high, size)), draw(ROLES)) for n in names]
    stated = draw(st.lists(constraints(names, low, high), max_size=rules))
    return Problem(declared, stated)


def brute_force(problem: Problem, *extra: Constraint) -> set[tuple[int, ...]]:
    """All solutions, as tuples in the order of names, by plain Python on every assignment."""
    everything = product(*(v.domain for v in problem.variables))
    rules = (*problem.constraints, *extra)
    return {row for row in everything if _holds(rules, dict(zip(problem.names, row, strict=True)))}


def _holds(rules: tuple[Constraint, ...], values: dict[str, int]) -> bool:
    return all(meaning(rule, values) for rule in rules)


def meaning(rule: Constraint, values: dict[str, int]) -> bool:
    """What a constraint says, written a second time and independently of the package."""

    def at(operand: Operand) -> int:
        return operand if isinstance(operand, int) else values[operand]

    match rule:
        case Prod(target, factors):
            total = 1
            for factor in factors:
                total *= at(factor)
            return at(target) == total
        case Sum(target, terms):
            return at(target) == sum(at(t) for t in terms)
        case Eq(left, right):
            return at(left) == at(right)
        case Le(left, right):
            return at(left) <= at(right)
        case In(variable, allowed):
            return values[variable] in set(allowed)
        case Select(target, index, choices):
            inside = 0 <= at(index) < len(choices)
            return inside and at(target) == at(choices[at(index)])
    raise AssertionError(rule)


def rows(problem: Problem, found: list[dict[str, int]]) -> list[tuple[int, ...]]:
    """Assignments as tuples in the order of names."""
    return [tuple(a[name] for name in problem.names) for a in found]


def generator(seed: int = 0) -> np.random.Generator:
    """A fresh seeded generator."""
    return np.random.default_rng(seed)
