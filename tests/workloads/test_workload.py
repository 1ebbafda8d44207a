"""What all operators share: names, sizes, options, tolerances, and complaints about them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heron_ms.errors import InvalidDimensionError, LayoutError, UnsupportedDtypeError
from heron_ms.workloads import OPERATORS, Conv2d, Depthwise2d, Dtypes, Gemm, Grouped2d, Transposed2d

SIZES = {
    "gemm": "m k n",
    "bmm": "b m k n",
    "c1d": "n w ci co kw stride pad dil",
    "c2d": "n h w ci co kh kw stride pad dil",
    "c3d": "n d h w ci co kd kh kw stride pad dil",
    "t2d": "n h w ci co kh kw stride pad dil out_pad",
    "dil": "n h w ci co kh kw stride pad dil",
    "gemv": "m k",
    "scan": "m n k",
    "grp": "n h w ci co kh kw stride pad dil groups",
    "dep": "n h w c kh kw stride pad dil",
}


def test_sizes_are_in_the_order_of_the_paper() -> None:
    assert {name: " ".join(operator.sizes()) for name, operator in OPERATORS.items()} == SIZES


def test_a_name_says_it_all() -> None:
    conv = Conv2d(1, 56, 56, 64, 64, 3, 3, 1, 1, 1, weight="packed")
    assert conv.name == "c2d-1x56x56x64x64x3x3x1x1x1-nhwc-packed-u8s8"
    assert Gemm(64, 64, 64, weight="nk", a_dtype="int8").name == "gemm-64x64x64-nk-s8s8"
    grouped = Grouped2d(1, 8, 8, 4, 4, 3, 3, 1, 1, 1, 2, split=False)
    assert grouped.name == "grp-1x8x8x4x4x3x3x1x1x1x2-nhwc-kn-u8s8-joined"


def test_operations_are_nominal() -> None:
    assert Gemm(3, 5, 7).operations == 2 * 3 * 5 * 7
    assert Conv2d(2, 8, 8, 3, 5, 3, 3, 2, 1, 1).operations == 2 * (2 * 4 * 4 * 5) * (3 * 3 * 3)
    assert Grouped2d(1, 8, 8, 4, 6, 3, 3, 1, 1, 1, 2).operations == 2 * (64 * 6) * (9 * 2)
    assert Depthwise2d(1, 8, 8, 4, 3, 3, 1, 1, 1).operations == 2 * (64 * 4) * 9


def test_by_sizes_and_a_short_name() -> None:
    assert Gemm.of((3, 5, 7), "s8s8", weight="nk") == Gemm(
        3, 5, 7, weight="nk", a_dtype="int8", b_dtype="int8"
    )
    assert Transposed2d.of((1, 4, 4, 2, 2, 3, 3, 1, 1)).case[-2:] == (1, 0)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Gemm(0, 4, 4), InvalidDimensionError, "M must be a positive integer, got 0"),
        (lambda: Gemm(4, True, 4), InvalidDimensionError, "K must be a positive integer, got True"),
        (lambda: Gemm(4, 4, 2**20 + 1), InvalidDimensionError, "N must be at most 1048576"),
        (
            lambda: Gemm(2**16, 4, 2**16),
            InvalidDimensionError,
            "C would have 65536 x 65536 = 4294967296 elements, more than the 2147483647",
        ),
        (
            # Only padded to the depth of the instruction it is too large.
            lambda: Gemm(2**20, 2**11 - 1, 1, weight="packed"),
            InvalidDimensionError,
            "A_padded would have 1048576 x 2048 = 2147483648 elements",
        ),
        (
            lambda: Conv2d(1, 5, 5, 3, 3, 3, 3, 1, 100000, 1),
            InvalidDimensionError,
            "A_padded would have 1 x 200005 x 200005 x 3 = 120006000075 elements",
        ),
        (lambda: Gemm.of((4, 4)), InvalidDimensionError, "gemm takes M K N, got 2 sizes"),
        (lambda: Gemm.of((4, 4, 4, 4)), InvalidDimensionError, "gemm takes M K N, got 4 sizes"),
        (lambda: Gemm(4, 4, 4, weight="kk"), LayoutError, "be kn, nk, packed, ahead, got 'kk'"),
        (
            lambda: Gemm(4, 4, 4, a_dtype="int8", b_dtype="float32"),
            UnsupportedDtypeError,
            "int8 by float32",
        ),
        (
            lambda: Gemm(4, 4, 4, a_dtype="float16", b_dtype="float16", c_dtype="int32"),
            UnsupportedDtypeError,
            "float16 by float16 and adds up int32",
        ),
        (lambda: Gemm.of((4, 4, 4), "u4"), UnsupportedDtypeError, "got 'u4'"),
        (
            lambda: Conv2d(1, 4, 4, 2, 2, 3, 3, 1, -1, 1),
            InvalidDimensionError,
            "PAD must be an integer >= 0, got -1",
        ),
        (
            lambda: Conv2d(1, 4, 2, 2, 2, 3, 3, 1, 0, 1),
            InvalidDimensionError,
            "no output is left along W",
        ),
        (
            lambda: Conv2d(1, 4, 4, 2, 2, 3, 3, 1, 1, 1, layout="nwhc"),
            LayoutError,
            "layout must be nhwc, nchw, got 'nwhc'",
        ),
        (
            lambda: Depthwise2d(1, 4, 4, 2, 3, 3, 1, 1, 1, weight="packed"),
            LayoutError,
            "weight must be kn, nk, ahead, got 'packed'",
        ),
        (
            lambda: Grouped2d(1, 4, 4, 3, 4, 3, 3, 1, 1, 1, 2),
            InvalidDimensionError,
            "GROUPS must divide CI, got 2 for 3",
        ),
    ],
)
def test_complaints(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as raised:
        make()
    assert message in str(raised.value) and "\n" not in str(raised.value)


def test_the_bytes_of_a_lane() -> None:
    assert {name: Dtypes.named(name).depth for name in ("u8s8", "f32", "f16", "bf16")} == {
        "u8s8": 4,
        "f32": 1,
        "f16": 2,
        "bf16": 2,
    }


def test_integers_take_their_whole_range(rng: np.random.Generator) -> None:
    a, b = Gemm(64, 64, 64).random_inputs(rng)
    assert (a.min(), a.max(), b.min(), b.max()) == (0, 255, -128, 127)


def test_a_tolerance_holds_in_single_precision_and_tells_a_product_less(
    rng: np.random.Generator,
) -> None:
    conv = Conv2d.of((1, 9, 9, 8, 8, 3, 3, 1, 1, 1), "f32")
    a, b = conv.random_inputs(rng)
    tolerance, right = conv.tolerance(a, b), conv.reference(a, b)
    single = conv._compute(a, b)
    assert single.dtype == np.float32
    assert np.all(np.abs(single - right) <= tolerance)
    less = b.copy()
    less[0, 0, 0] = 0
    off = np.abs(conv.reference(a, less) - right) > tolerance
    assert np.mean(off[:, 1:, 1:]) > 0.9
