"""Random integers that a function uses as indices, bounds, divisors or shifts do no harm."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tvm import te, tirx

from heron_ms._tvm import PrimFunc
from heron_ms.indices import MOST
from heron_ms.random_arguments import SPREAD, random_arguments, safe_ranges
from heron_ms.small_bytes import LARGEST, with_small_bytes

SIZE = 50


def drawn(func: PrimFunc, position: int) -> NDArray[Any]:
    """One argument of a function."""
    return random_arguments(func, np.random.default_rng(0))[position]


def placeholder(name: str, dtype: str = "int32") -> Any:
    return te.placeholder((SIZE,), dtype, name)


def pointwise(combine: Any) -> PrimFunc:
    """C = combine(A, B), element by element."""
    a, b = placeholder("A"), placeholder("B")
    return te.create_prim_func([a, b, te.compute((SIZE,), lambda i: combine(a[i], b[i]), "C")])


def test_an_index_by_way_of_another_buffer_stays_in_bounds() -> None:
    data, at = te.placeholder((7, SIZE), "float32", "data"), placeholder("at", "int64")
    back = te.compute((SIZE,), lambda i: at[SIZE - 1 - i], "back")
    again = te.compute((SIZE,), lambda i: back[i], "again")
    func = te.create_prim_func(
        [data, at, te.compute((SIZE,), lambda i: data[again[i], i], "taken")]
    )
    assert set(drawn(func, 1)) <= set(range(7))


@pytest.mark.parametrize("divide", [tirx.floordiv, tirx.floormod, tirx.truncdiv, tirx.truncmod])
def test_nothing_is_divided_by_zero(divide: Any) -> None:
    func = pointwise(divide)
    assert 0 < drawn(func, 1).min() < drawn(func, 1).max()
    assert abs(drawn(func, 0)).max() > SPREAD // 2


@pytest.mark.parametrize("shift", [lambda a, b: a << b, lambda a, b: a >> b])
def test_nothing_is_shifted_by_more_bits_than_there_are(shift: Any) -> None:
    assert set(drawn(pointwise(shift), 1)) <= set(range(1, 8))


def test_small_bytes_are_small_and_reach_the_ends() -> None:
    a, b = (te.placeholder((40, SIZE), "int8", name) for name in "AB")
    added = te.compute(a.shape, lambda *at: a[at] + b[at], "C")
    func = with_small_bytes(te.create_prim_func([a, b, added]), [1])
    assert (drawn(func, 1).min(), drawn(func, 1).max()) == (-LARGEST, LARGEST)
    assert drawn(func, 0).min() < -LARGEST


def test_other_integers_are_free() -> None:
    func = pointwise(lambda a, b: a + b)
    assert drawn(func, 1).min() < -SPREAD // 2


def test_an_index_is_one_of_what_it_indexes_and_not_of_the_smallest_dimension() -> None:
    table, at = te.placeholder((300, 64), "float32", "table"), placeholder("at", "int64")
    one = te.placeholder((1,), "float32", "one")
    out = te.compute((SIZE, 64), lambda i, j: table[at[i], j] + one[0], "out")
    func = te.create_prim_func([table, at, one, out])
    assert safe_ranges(func) == {1: (0, 300)}


def ranges_of(index: Any, rows: int = 300) -> dict[int, tuple[int, int]]:
    """Of a function that takes rows of a table at what is computed of two arrays of indices."""
    table = te.placeholder((rows, 4), "float32", "table")
    at, other = placeholder("at", "int64"), placeholder("other", "int64")
    out = te.compute((SIZE, 4), lambda i, j: table[index(at[i], other[i], j), j], "out")
    return safe_ranges(te.create_prim_func([table, at, other, out]))


def test_an_index_that_is_computed_with_stays_in_bounds() -> None:
    [(low, high)] = ranges_of(lambda at, _, j: at * 4 + j).values()
    assert low == 0 and 20 < high <= (300 - 3) // 4 + 1


def test_an_index_that_is_wrapped_may_be_any() -> None:
    wrapped = ranges_of(lambda at, _, j: tirx.Select(at < 0, at + 300, at))
    assert wrapped == {1: (0, 300)}
    assert ranges_of(lambda at, _, j: tirx.floormod(at, 300)) == {1: (0, MOST)}


def test_indices_that_are_added_up_stay_within_the_smallest_dimension() -> None:
    assert ranges_of(lambda at, other, j: at + other) == {1: (0, 4), 2: (0, 4)}


def test_an_index_that_is_summed_stays_within_the_smallest_dimension() -> None:
    table, at = te.placeholder((300, 4), "float32", "table"), placeholder("at", "int64")
    k = te.reduce_axis((0, SIZE), "k")
    total = te.compute((1,), lambda i: te.sum(at[k], axis=k), "total")
    out = te.compute((1, 4), lambda i, j: table[total[i], j], "out")
    assert safe_ranges(te.create_prim_func([table, at, out])) == {1: (0, 1)}
