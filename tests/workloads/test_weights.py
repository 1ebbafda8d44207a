"""Where the program looks for an element of the weight is where `arrange` puts it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heron_ms.workloads import WEIGHTS, Conv2d, Gemm, Gemv, Grouped2d, Transposed2d, WeightLayout


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(WEIGHTS),
    st.lists(st.integers(1, 3), max_size=2),
    st.integers(1, 9),
    st.integers(1, 37),
    st.sampled_from([1, 2, 4]),
)
def test_an_element_is_where_the_program_looks(
    kind: str, lead: list[int], k: int, n: int, depth: int
) -> None:
    rank = len(lead)
    layout = WeightLayout(kind, tuple(lead), k, n, (rank + 1, *range(rank), rank), 16, depth)
    b = np.arange(1, int(np.prod(lead, dtype=int)) * k * n + 1).reshape(*lead, k, n)
    arranged = layout.arrange(b)
    assert arranged.shape == layout.shape
    assert arranged.flags.c_contiguous
    for at in np.ndindex(b.shape):
        assert arranged[tuple(layout.at(at[:-2], at[-2], at[-1]))] == b[at]
    assert np.count_nonzero(arranged) == b.size


@pytest.mark.parametrize(
    ("dtype", "shape"),
    [("u8s8", (2, 3, 16, 4)), ("f32", (2, 9, 16)), ("f16", (2, 5, 16, 2)), ("bf16", (2, 5, 16, 2))],
)
def test_packed_shapes(dtype: str, shape: tuple[int, ...]) -> None:
    gemm = Gemm.of((5, 9, 18), dtype, weight="packed")
    b = np.zeros(gemm.b_shape)
    assert gemm.arrange(b).shape == shape


def test_the_orders_of_frameworks() -> None:
    sizes = (1, 8, 8, 3, 5, 2, 4, 1, 0, 1)
    b = np.arange(2 * 4 * 3 * 5).reshape(2, 4, 3, 5)
    last, first = (
        Conv2d(*sizes, layout=layout, weight="nk").arrange(b) for layout in ("nhwc", "nchw")
    )
    np.testing.assert_array_equal(last, np.einsum("hwio->ohwi", b))
    np.testing.assert_array_equal(first, np.einsum("hwio->oihw", b))
    w = np.arange(6).reshape(2, 3)
    np.testing.assert_array_equal(Gemv(2, 3, weight="nk").arrange(w), w)
    np.testing.assert_array_equal(Gemv(2, 3, weight="kn").arrange(w), w.T)


def test_a_transposed_convolution_flips_its_kernel() -> None:
    b = np.arange(3 * 3 * 2 * 2).reshape(3, 3, 2, 2)
    plain = Transposed2d(1, 8, 8, 2, 2, 3, 3, 1, 1).arrange(b)
    np.testing.assert_array_equal(plain, b[::-1, ::-1])


def test_groups_are_packed_one_by_one() -> None:
    sizes = (1, 8, 8, 10, 36, 3, 3, 1, 1, 1, 2)
    b = np.ones((3, 3, 5, 36), np.int8)
    assert Grouped2d(*sizes, weight="packed").arrange(b).shape == (3, 3, 2, 2, 2, 16, 4)
    joined = Grouped2d(*sizes, weight="packed", split=False)
    assert joined.arrange(b).shape == (3, 3, 3, 2, 16, 4)
