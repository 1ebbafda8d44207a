"""Normalised convolutions compute the same with no product that one axis shows to be zero."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import heron_ms
from heron_ms._tvm import Schedule, structural_equal
from heron_ms.normalization.convolution import LEAST_SAVING, MOST_RUNS
from heron_ms.workloads import OPERATORS, SUITES, Workload
from tests.normalization.padded_convolutions import (
    PLAIN,
    compute,
    convolutions,
    module,
    products,
    reductions,
    taps_on_data,
)

QUICK = settings(deadline=None, suppress_health_check=list(HealthCheck))


@settings(QUICK, max_examples=40)
@given(convolutions(*PLAIN, "grp", "t2d"))
def test_computes_what_is_right(workload: Workload) -> None:
    a, b = workload.random_inputs(np.random.default_rng(0))
    off = compute(heron_ms.normalize(module(workload)), workload, a, b) - workload.reference(a, b)
    assert np.all(np.abs(off) <= workload.tolerance(a, b))


@settings(QUICK, max_examples=200)
@given(convolutions(*PLAIN, largest=12))
def test_leaves_out_what_brute_force_says(workload: Any) -> None:
    mod = module(workload)
    after = heron_ms.normalize(mod)
    axes = [_share(workload, axis) for axis in range(PLAIN[workload.operator])]
    worth = [share for share, count in axes if share >= LEAST_SAVING and count <= MOST_RUNS]
    assert (after is mod) == (not worth)
    assert products(after) == round(products(mod) * (1 - max(worth, default=0)))


def _share(workload: Any, axis: int) -> tuple[float, int]:
    """The share of products with padding along an axis, and how many runs that makes."""
    taps = taps_on_data(workload, axis)
    kept, count = sum(map(len, taps)), 1 + sum(a != b for a, b in pairwise(taps))
    return 1 - kept / (len(taps) * workload.kernel[axis]), count


@settings(QUICK, max_examples=100)
@given(convolutions(*PLAIN, "grp", "t2d"))
def test_a_second_time_changes_nothing_and_tvm_takes_the_result(workload: Workload) -> None:
    once = heron_ms.normalize(module(workload))
    assert heron_ms.normalize(once) is once
    assert structural_equal(once, heron_ms.normalize(module(workload)))
    Schedule(once, debug_mask="all")  # checks block bindings and regions


def test_depth_of_two_saves_a_third() -> None:
    mod = module(OPERATORS["c3d"].of((1, 2, 14, 14, 16, 16, 3, 3, 3, 1, 1, 1), weight="packed"))
    after = heron_ms.normalize(mod)
    assert reductions(after) == ["C_0", "C_1"]
    assert products(after) * 3 == products(mod) * 2


def test_a_single_run_needs_no_join() -> None:
    mod = module(OPERATORS["c1d"].of((1, 1, 8, 16, 3, 1, 1, 1)))
    after = heron_ms.normalize(mod)
    assert reductions(after) == ["C"] and "joined" not in after.script()
    assert products(after) * 3 == products(mod)


@pytest.mark.parametrize("operator", ["gemm", "bmm", "gemv", "scan"])
def test_matrix_products_come_back_themselves(operator: str) -> None:
    workload = next(case for case in SUITES["dlboost"] if case.operator == operator)
    mod = module(workload)
    assert heron_ms.normalize(mod) is mod


def test_what_changes_in_the_suite() -> None:
    shares = {}
    for workload in SUITES["dlboost"]:
        mod = module(workload)
        after = heron_ms.normalize(mod)
        if after is not mod:
            shares[workload.operator, workload.case[1]] = 1 - products(after) / products(mod)
    expected = {("c3d", 8): 1 / 12, ("c3d", 4): 1 / 6, ("c3d", 2): 1 / 3}
    assert shares == pytest.approx(expected)
