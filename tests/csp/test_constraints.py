"""Each kind: its answers agree with one another and with what it says."""

from __future__ import annotations

import math
from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heron_ms.csp import Constraint, Prod, ordered_factorizations
from heron_ms.csp.intervals import Bounds
from tests.csp.random_problems import constraints, meaning

NAMES = ["a", "b", "c"]
KINDS = constraints(NAMES, -4, 12)
VALUES = st.integers(-6, 14)
EXAMPLES = settings(max_examples=200, deadline=None)


@EXAMPLES
@given(KINDS, st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=8))
def test_holds_mask_and_prune_agree(kind: Constraint, rows: list[tuple[int, int, int]]) -> None:
    truth = [meaning(kind, dict(zip(NAMES, row, strict=True))) for row in rows]
    assert [kind.holds(dict(zip(NAMES, row, strict=True))) for row in rows] == truth
    for dtype in (np.int64, np.float64):
        columns = dict(zip(NAMES, np.array(rows, dtype).T, strict=True))
        assert np.broadcast_to(kind.mask(columns), len(rows)).tolist() == truth
    bounds = Bounds({n: (c, c) for n, c in columns.items()}, np.ones(len(rows), bool))
    with np.errstate(all="ignore"):
        kind.prune(bounds)
    assert bounds.alive.tolist() == truth
    for row, expected in zip(rows, truth, strict=True):
        point = Bounds({n: (float(v), float(v)) for n, v in zip(NAMES, row, strict=True)})
        kind.prune(point)
        assert bool(point.alive) == expected


@EXAMPLES
@given(KINDS, st.lists(st.tuples(VALUES, VALUES), min_size=3, max_size=3))
def test_prune_loses_no_solution(kind: Constraint, ends: list[tuple[int, int]]) -> None:
    box = [range(min(pair), max(pair) + 1) for pair in ends]
    bounds = Bounds({n: (float(r[0]), float(r[-1])) for n, r in zip(NAMES, box, strict=True)})
    kind.prune(bounds)
    for row in product(*box):
        if meaning(kind, dict(zip(NAMES, row, strict=True))):
            assert bounds.alive
            inside = zip(NAMES, row, strict=True)
            assert all(bounds.read(n)[0] <= v <= bounds.read(n)[1] for n, v in inside)


@EXAMPLES
@given(KINDS, st.tuples(VALUES, VALUES, VALUES))
def test_definitions_agree_with_holds(kind: Constraint, row: tuple[int, int, int]) -> None:
    values = dict(zip(NAMES, row, strict=True))
    points = {n: (float(v), float(v)) for n, v in values.items()}
    for target in (*kind.targets(), *kind.inverses(points)):
        if target in kind.inputs(target) or not all(
            r.holds(values) for r in kind.requires(target) if r is not kind
        ):
            continue
        columns = {n: np.array([float(v)]) for n, v in values.items()}
        agrees = bool(np.all(kind.value(target, columns) == values[target]))
        exact = all(r.holds(values) for r in kind.requires(target))
        assert (agrees and exact) == kind.holds(values)


@pytest.mark.parametrize("number", [1, 2, 12, 97, 360, 1024])
@pytest.mark.parametrize("parts", [1, 2, 3, 4])
def test_factorizations(number: int, parts: int) -> None:
    rows = ordered_factorizations(number, parts)
    assert rows.dtype == np.int64 and rows.shape[1] == parts
    assert (rows.prod(axis=1) == number).all() and (rows > 0).all()
    assert [tuple(r) for r in rows.tolist()] == sorted({tuple(r) for r in rows.tolist()})
    assert len(rows) == math.prod(math.comb(e + parts - 1, e) for e in _exponents(number))


def test_factorizations_within_domains() -> None:
    rows = ordered_factorizations(64, 2, [range(1, 9), (8, 16, 64)])
    assert rows.tolist() == [[1, 64], [4, 16], [8, 8]]
    assert not len(ordered_factorizations(7, 2, [(2,), (3,)]))
    with pytest.raises(OverflowError):
        ordered_factorizations(2**20, 6, limit=1000)
    for number, parts in ((0, 2), (4, 0)):
        with pytest.raises(ValueError, match="cannot write"):
            ordered_factorizations(number, parts)


def test_names_are_listed_once() -> None:
    assert Prod("t", ("a", 2, "a", "b")).variables() == ("a", "b", "t")


def _exponents(number: int) -> list[int]:
    found: Counter[int] = Counter()
    prime = 2
    while number > 1:
        while number % prime == 0:
            number //= prime
            found[prime] += 1
        prime += 1
    return list(found.values())
