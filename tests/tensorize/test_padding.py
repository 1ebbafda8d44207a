"""How far rows are padded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from heron_ms.tensorize import row_paddings, up


@given(st.integers(1, 5000), st.integers(1, 64))
def test_paddings_cover_the_rows_and_tile(rows: int, tallest: int) -> None:
    paddings = row_paddings(rows, tallest)
    assert 1 <= len(paddings) <= 2
    assert len(set(paddings)) == len(paddings)
    for padded in paddings:
        assert padded >= rows
        assert any(padded == up(rows, height) for height in range(1, tallest + 1))


@given(st.integers(1, 5000), st.integers(1, 64))
def test_no_padding_where_the_rows_already_tile(height: int, tallest: int) -> None:
    rows = height * tallest
    assert row_paddings(rows, tallest) == [rows]


def test_good_rows_are_not_padded_and_primes_are() -> None:
    assert row_paddings(1, 30) == [1]
    assert row_paddings(17, 30) == [17]
    assert row_paddings(1024, 30) == [1024]
    assert all(padded > 101 for padded in row_paddings(101, 30))


def test_low_tiles_of_several_vectors_need_no_padding() -> None:
    assert row_paddings(508, 30) == [510, 513]
    assert row_paddings(508, 30, vectors=1) == [510, 513]
    for vectors in (2, 3, 4, 32):
        assert row_paddings(508, 30, vectors) == [508]
        assert row_paddings(509, 30, vectors) == row_paddings(509, 30)


@given(st.integers(1, 10**6), st.integers(1, 1000))
def test_up_is_the_next_multiple(size: int, multiple: int) -> None:
    assert up(size, multiple) % multiple == 0
    assert size <= up(size, multiple) < size + multiple
