"""Every direction of a split leads to a neighbour and back, and all splits are connected."""

from __future__ import annotations

from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heron_ms.csp import ordered_factorizations
from heron_ms.flextensor import FlexTensorError, directions, moved

splits = st.lists(st.integers(1, 60), min_size=2, max_size=4).map(tuple)


@given(st.integers(1, 6))
def test_there_are_d_times_d_minus_one(parts: int) -> None:
    assert len(set(directions(parts))) == parts * (parts - 1)


@given(splits)
def test_a_move_keeps_the_product_and_is_taken_back(split: tuple[int, ...]) -> None:
    for rises, falls in directions(len(split)):
        neighbour = moved(split, (rises, falls))
        if neighbour is None:
            assert split[falls] == 1
            continue
        assert prod(neighbour) == prod(split)
        assert neighbour[rises] > split[rises] and neighbour[falls] < split[falls]
        assert [a for p, a in enumerate(neighbour) if p not in (rises, falls)] == [
            a for p, a in enumerate(split) if p not in (rises, falls)
        ]
        assert moved(neighbour, (falls, rises)) == split


@given(splits)
def test_no_divisor_is_left_out(split: tuple[int, ...]) -> None:
    for rises, falls in directions(len(split)):
        neighbour = moved(split, (rises, falls))
        both = split[rises] * split[falls]
        between = range(split[rises] + 1, both + 1 if neighbour is None else neighbour[rises])
        assert not any(both % number == 0 for number in between)


@pytest.mark.parametrize(("number", "parts"), [(1, 3), (12, 4), (30, 3), (64, 3)])
def test_every_split_is_reached_from_every_other(number: int, parts: int) -> None:
    every = {tuple(row) for row in ordered_factorizations(number, parts).tolist()}
    seen = {(number,) + (1,) * (parts - 1)}
    todo = list(seen)
    while todo:
        split = todo.pop()
        neighbours = (moved(split, direction) for direction in directions(parts))
        steps = {neighbour for neighbour in neighbours if neighbour is not None} - seen
        seen |= steps
        todo += steps
    assert seen == every


def test_the_example_of_a_product_of_twelve() -> None:
    assert moved((2, 6), (0, 1)) == (3, 4)
    assert moved((2, 6), (1, 0)) == (1, 12)
    assert moved((12, 1), (0, 1)) is None


@pytest.mark.parametrize(
    "bad", [((2, 6), (0, 0)), ((2, 6), (0, 2)), ((0, 6), (0, 1)), ((2,), (0, 1))]
)
def test_what_is_no_move_is_refused(bad: tuple[tuple[int, ...], tuple[int, int]]) -> None:
    with pytest.raises(FlexTensorError, match="no direction"):
        moved(*bad)
