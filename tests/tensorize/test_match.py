"""Which blocks map to an intrinsic, and the reason given where one does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heron_ms._tvm import IRModule, Schedule, te
from heron_ms.intrinsics import INTRINSICS
from heron_ms.tensorize import Match, NoMatch, match_block, row_paddings, up


def _match(mod: IRModule, block: str = "C") -> Match | NoMatch:
    sch = Schedule(mod)
    return match_block(sch.get(sch.get_sblock(block)), INTRINSICS.values())


def _einsum(
    shape: tuple[int, ...],
    a_shape: tuple[int, ...],
    b_shape: tuple[int, ...],
    value: Callable[..., Any],
    dtypes: tuple[str, str] = ("uint8", "int8"),
    depth: int = 64,
) -> IRModule:
    a = te.placeholder(a_shape, dtypes[0], name="A")
    b = te.placeholder(b_shape, dtypes[1], name="B")
    k = te.reduce_axis((0, depth), "k")
    c = te.compute(shape, lambda *at: te.sum(value(a, b, k, *at), axis=k), name="C")
    return IRModule({"main": te.create_prim_func([a, b, c])})


def _times(a: Any, b: Any, dtype: str = "int32") -> Any:
    return a.astype(dtype) * b.astype(dtype)


@pytest.mark.parametrize("weight", ["kn", "nk", "packed"])
@pytest.mark.parametrize("a_dtype", ["uint8", "int8"])
def test_a_gemm_matches(gemm: Callable[..., Any], weight: str, a_dtype: str) -> None:
    match = _match(gemm(32, 64, 48, weight=weight, a_dtype=a_dtype))
    assert isinstance(match, Match)
    assert (match.rows, match.lanes, match.depth) == (0, 1, 2)
    assert match.weight == weight
    assert match.extents == (32, 48, 64)
    assert match.intrinsic.a_dtype == a_dtype


def test_swapped_operands_are_refused_because_tensorize_compares_term_by_term() -> None:
    square = (64, 64)
    mod = _einsum(square, square, square, lambda a, b, k, i, j: _times(b[k, j], a[i, k]))
    match = _match(mod)
    assert isinstance(match, NoMatch)
    assert match.reason == "dtype"


def test_a_batch_is_a_loop_more() -> None:
    cube = (2, 64, 64)
    mod = _einsum(cube, cube, cube, lambda a, b, k, n, i, j: _times(a[n, i, k], b[n, k, j]))
    match = _match(mod)
    assert isinstance(match, Match)
    assert (match.rows, match.lanes, match.depth) == (1, 2, 3)


SQUARE = (64, 64)
REFUSED = {
    "dtype": _einsum(
        SQUARE,
        SQUARE,
        SQUARE,
        lambda a, b, k, i, j: a[i, k] * b[k, j],
        dtypes=("float32", "float32"),
    ),
    "not an einsum: the summand": _einsum(
        SQUARE, SQUARE, SQUARE, lambda a, b, k, i, j: a[i, k].astype("int32")
    ),
    "not an einsum: the operand": _einsum(
        SQUARE, SQUARE, SQUARE, lambda a, b, k, i, j: _times(a[i, k] + a[i, k], b[k, j])
    ),
    "no axis": _einsum((64,), (64,), SQUARE, lambda a, b, k, j: _times(a[k], b[k, j])),
    "layout: the first operand": _einsum(
        SQUARE, SQUARE, SQUARE, lambda a, b, k, i, j: _times(a[k, i], b[k, j])
    ),
    "layout: the output": _einsum(
        SQUARE, SQUARE, SQUARE, lambda a, b, k, j, i: _times(a[i, k], b[k, j])
    ),
    "layout: the second operand": _einsum(
        SQUARE, SQUARE, (16, 4, 64), lambda a, b, k, i, j: _times(a[i, k], b[k // 4, k % 4, j])
    ),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_the_reason_for_no_match(reason: str) -> None:
    refused = _match(REFUSED[reason])
    assert isinstance(refused, NoMatch)
    kind, _, detail = reason.partition(": ")
    assert refused.reason == kind
    assert detail in refused.detail
    assert str(refused).startswith(f"block C: {kind}")
    assert "\n" not in str(refused)


def test_a_maximum_is_no_sum() -> None:
    a = te.placeholder((64, 64), "int32", name="A")
    k = te.reduce_axis((0, 64), "k")
    c = te.compute((64,), lambda i: te.max(a[i, k], axis=k), name="C")
    refused = _match(IRModule({"main": te.create_prim_func([a, c])}))
    assert isinstance(refused, NoMatch)
    assert refused.detail == "the reduction is no sum"


def test_no_intrinsic_no_match(gemm: Callable[..., Any]) -> None:
    sch = Schedule(gemm(16, 16, 16))
    refused = match_block(sch.get(sch.get_sblock("C")), [])
    assert isinstance(refused, NoMatch)
    assert refused.reason == "dtype"


@given(st.integers(1, 5000), st.integers(1, 64))
def test_paddings_cover_the_rows_and_tile(rows: int, tallest: int) -> None:
    found = row_paddings(rows, tallest)
    assert 1 <= len(found) <= 2
    assert len(set(found)) == len(found)
    for padded in found:
        assert padded >= rows
        assert any(padded == up(rows, height) for height in range(1, tallest + 1))


def test_good_rows_are_not_padded_and_primes_are() -> None:
    assert row_paddings(1, 30) == [1]
    assert row_paddings(17, 30) == [17]
    assert row_paddings(1024, 30) == [1024]
    assert all(padded > 101 for padded in row_paddings(101, 30))


@given(st.integers(1, 10**6), st.integers(1, 1000))
def test_up_is_the_next_multiple(size: int, multiple: int) -> None:
    assert up(size, multiple) % multiple == 0
    assert size <= up(size, multiple) < size + multiple
