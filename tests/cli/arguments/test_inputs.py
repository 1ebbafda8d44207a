"""From arguments to a workload, for every operator; options before and after the operator."""

from __future__ import annotations

import argparse

import pytest

from heron_ms.cli.arguments import inputs
from heron_ms.cli.arguments.parser import build_parser
from heron_ms.workloads import DTYPES, Conv2d, Gemv, Grouped2d, Transposed2d, Workload


def _parsed(line: str) -> argparse.Namespace:
    return build_parser().parse_args(line.split())


@pytest.mark.parametrize(
    ("line", "workload"),
    [
        (
            "gemv 18 7 --weight nk --dtype s8s8",
            Gemv(18, 7, weight="nk", a_dtype="int8", b_dtype="int8"),
        ),
        (
            "c2d 1 9 8 4 6 3 2 2 1 1 --layout nchw",
            Conv2d(1, 9, 8, 4, 6, 3, 2, 2, 1, 1, layout="nchw"),
        ),
        ("t2d 1 9 8 4 6 3 2 2 1", Transposed2d(1, 9, 8, 4, 6, 3, 2, 2, 1)),
        ("t2d 1 9 8 4 6 3 2 2 1 1 1", Transposed2d(1, 9, 8, 4, 6, 3, 2, 2, 1, 1, 1)),
        (
            "grp 1 9 8 4 6 3 2 2 1 1 2 --joined",
            Grouped2d(1, 9, 8, 4, 6, 3, 2, 2, 1, 1, 2, split=False),
        ),
    ],
)
def test_a_workload(line: str, workload: Workload) -> None:
    for command in ("tune", "explain"):
        assert inputs.workload_of(_parsed(f"{command} {line}")) == workload


@pytest.mark.parametrize("dtype", DTYPES)
def test_types(dtype: str) -> None:
    args = _parsed(f"explain gemm 4 4 4 --dtype {dtype}")
    assert inputs.workload_of(args).dtypes == DTYPES[dtype]


def test_an_option_holds_before_the_operator_and_after_it() -> None:
    before, after = "tune --trials 5 gemm 4 4 4", "tune gemm 4 4 4 --trials 5"
    assert _parsed(before).trials == _parsed(after).trials == 5
    assert _parsed("tune --trials 7 gemm 4 4 4 --trials 5").trials == 5
    default = "cga"
    assert _parsed("tune gemm 4 4 4").strategy == _parsed("tune --suite f32").strategy == default


def test_the_cases_of_a_suite() -> None:
    everything = inputs.cases_of(_parsed("tune --suite dlboost"))
    some = inputs.cases_of(_parsed("tune --suite dlboost --only c3d"))
    assert len(everything) == 46
    assert [case.operator for case in some] == ["c3d"] * 6
