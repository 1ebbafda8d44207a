"""The references, against definitions in loops; sizes at random."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from heron_ms.errors import InvalidDimensionError
from heron_ms.workloads import OPERATORS, Bmm, Convolution, Gemm, Gemv, Scan
from tests.workloads.workload_cases import by_definition

CONVOLUTIONS = sorted(
    name for name, operator in OPERATORS.items() if issubclass(operator, Convolution)
)
QUICK = settings(max_examples=60, deadline=None)


@st.composite
def convolutions(draw: Any) -> Convolution:
    """A small convolution of any kind; those without an output are drawn again."""
    operator = OPERATORS[draw(st.sampled_from(CONVOLUTIONS))]
    small = {"n": 2, "pad": 2, "out_pad": 1, "dil": 2, "stride": 3}
    lowest = {name: 0 if name in operator.may_be_zero else 1 for name in operator.sizes()}
    case = {name: draw(st.integers(least, small.get(name, 5))) for name, least in lowest.items()}
    if "groups" in case:
        case["ci"], case["co"] = (case[size] * case["groups"] for size in ("ci", "co"))
    layout = draw(st.sampled_from(operator.layouts))
    try:
        made = operator.of(tuple(case.values()), layout=layout)
    except InvalidDimensionError:
        assume(False)
    assert isinstance(made, Convolution)
    return made


@QUICK
@given(convolutions(), st.integers(0, 2**32))
def test_a_convolution_is_its_definition(workload: Convolution, seed: int) -> None:
    a, b = workload.random_inputs(np.random.default_rng(seed))
    last = a if workload.layout == "nhwc" else np.moveaxis(a, 1, -1)
    expected = by_definition(workload, last, b)
    if workload.layout == "nchw":
        expected = np.moveaxis(expected, -1, 1)
    np.testing.assert_array_equal(workload.reference(a, b), expected.astype(np.int32))


def test_matrices_are_their_definitions(rng: np.random.Generator) -> None:
    a, b = Gemm(3, 4, 5).random_inputs(rng)
    np.testing.assert_array_equal(
        Gemm(3, 4, 5).reference(a, b), np.einsum("ik,kj->ij", a.astype(int), b.astype(int))
    )
    a, b = Bmm(2, 3, 4, 5).random_inputs(rng)
    np.testing.assert_array_equal(
        Bmm(2, 3, 4, 5).reference(a, b), np.einsum("bik,bkj->bij", a.astype(int), b.astype(int))
    )
    a, b = Gemv(3, 4).random_inputs(rng)
    np.testing.assert_array_equal(
        Gemv(3, 4).reference(a, b), np.einsum("k,mk->m", a.astype(int), b.astype(int))
    )


def test_a_scan_sums_prefixes(rng: np.random.Generator) -> None:
    a, b = Scan(3, 6, 6).random_inputs(rng)
    expected = np.cumsum(a.astype(int), axis=1)
    np.testing.assert_array_equal(Scan(3, 6, 6).reference(a, b), expected)


def test_integers_wrap_like_the_instruction() -> None:
    gemm = Gemm(1, 2**17, 1)
    a, b = np.full((1, 2**17), 255, np.uint8), np.full((2**17, 1), 127, np.int8)
    expected = (2**17 * 255 * 127 + 2**31) % 2**32 - 2**31
    assert gemm.reference(a, b)[0, 0] == expected
