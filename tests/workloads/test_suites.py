"""The suites are the cases of the papers, and every one of them makes a program."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from heron_ms.workloads import SUITES, Gemm, Transposed2d, Workload


def test_how_many_of_each_operator() -> None:
    counts = {name: Counter(case.operator for case in suite) for name, suite in SUITES.items()}
    six = dict.fromkeys(("c2d", "c3d", "dil", "t2d"), 6)
    assert counts["dlboost"] == {"gemm": 4, "bmm": 4, "gemv": 5, "scan": 4, "c1d": 5, **six}
    assert counts["tensorcore"] == {"gemm": 5, "bmm": 6, "gemv": 5, "scan": 5, "c1d": 6, **six}
    assert counts["f32"] == {"gemm": 2, "c2d": 6}


def test_what_a_suite_has_in_common() -> None:
    for name, dtype in (("dlboost", "u8s8"), ("tensorcore", "f16"), ("f32", "f32")):
        assert {case.dtypes.name for case in SUITES[name]} == {dtype}
        assert len({case.name for case in SUITES[name]}) == len(SUITES[name])
    assert {case.weight for case in SUITES["dlboost"] if case.operator != "bmm"} == {"packed"}
    assert {case.weight for case in SUITES["dlboost"] if case.operator == "bmm"} == {"kn"}


def test_a_thousand_is_not_rounded() -> None:
    assert Gemm(32, 2048, 1000, weight="packed") in SUITES["dlboost"]
    assert Transposed2d(1, 28, 28, 128, 256, 1, 1, 2, 0, weight="packed") in SUITES["dlboost"]


@pytest.mark.parametrize(
    "workload",
    [case for suite in SUITES.values() for case in suite],
    ids=lambda case: case.name,
)
def test_every_case_makes_a_program(workload: Workload) -> None:
    params = workload.prim_func().params
    a, b, c = ([int(size) for size in param.shape] for param in params)
    assert (a, c) == (list(workload.a_shape), list(workload.c_shape))
    assert np.prod(b) >= np.prod(workload.b_shape)
    types = workload.dtypes
    assert [str(param.dtype) for param in params] == [types.a, types.b, types.c]
