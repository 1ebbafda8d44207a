"""A kernel is right only if it writes every element, and writes what numpy computes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.bench.harness.right import Operands, share_right
from scripts.bench.peers.cases import case

OPERANDS = Operands.of(case("gemm 5 6 7"), 0)


def writing(result: Any) -> Any:
    """A kernel that writes these elements of C and leaves those that are None."""

    def kernel(_a: Any, _b: Any, c: Any) -> None:
        before = c.numpy()
        written: Any = np.not_equal(result, np.array(None))
        c.copyfrom(np.where(written, result, before).astype(before.dtype))

    return kernel


@settings(deadline=None)
@given(st.sets(st.tuples(st.integers(0, 4), st.integers(0, 6))), st.sampled_from([None, 0, 1]))
def test_the_share_counts_what_is_wrong_or_unwritten(places: set[Any], error: int | None) -> None:
    result = OPERANDS.exact.astype(object)
    for place in places:
        result[place] = None if error is None else result[place] + error
    wrong = len(places) if error != 0 else 0
    assert share_right(writing(result), OPERANDS) == pytest.approx(1 - wrong / result.size)


def test_what_is_no_number_is_wrong() -> None:
    operands = Operands.of(case("gemm 2 3 2 f32"), 0)
    assert share_right(writing(operands.exact.astype(object)), operands) == 1.0
    assert share_right(writing(np.full((2, 2), np.nan, object)), operands) == 0.0


def test_the_same_seed_makes_the_same_data() -> None:
    again, other = (Operands.of(case("gemm 5 6 7"), seed) for seed in (0, 1))
    assert (again.a == OPERANDS.a).all() and not (other.a == OPERANDS.a).all()
