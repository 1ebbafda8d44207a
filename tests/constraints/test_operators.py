"""Every variable of the constraints of convolutions and their kin is what the program shows."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from heron_ms._tvm import IRModule, te
from heron_ms.testing import STEPS, Checker, spread
from heron_ms.workloads import OPERATORS, Workload
from tests.tensorize.small_workloads import workloads

CASES: dict[str, tuple[int, ...]] = {
    "bmm": (2, 9, 10, 34),
    "c1d": (2, 9, 5, 34, 3, 2, 2, 2),
    "c2d": (1, 7, 6, 5, 18, 3, 3, 1, 1, 1),
    "c3d": (1, 3, 4, 5, 3, 34, 2, 2, 2, 1, 1, 1),
    "dil": (1, 7, 7, 8, 18, 3, 3, 2, 2, 2),
    "t2d": (1, 5, 5, 6, 18, 3, 3, 2, 1, 1, 0),
    "gemv": (50, 33),
    "scan": (5, 48, 19),
    "grp": (1, 6, 6, 8, 36, 3, 3, 1, 1, 1, 2),
}
LAYOUTS = [
    ("bmm", "", "kn"),
    ("gemv", "", "nk"),
    ("scan", "", "packed"),
    ("c1d", "nhwc", "packed"),
    ("c2d", "nhwc", "nk"),
    ("c2d", "nchw", "packed"),
    ("c3d", "nchw", "packed"),
    ("dil", "nhwc", "packed"),
    ("t2d", "nhwc", "packed"),
    ("grp", "nchw", "kn"),
]


def _workload(operator: str, layout: str, weight: str, dtype: str = "u8s8") -> Workload:
    options = {"layout": layout} if layout else {}
    return OPERATORS[operator].of(CASES[operator], dtype, weight=weight, **options)


def _check(workload: Workload, target: Any, count: int, seed: int = 0) -> None:
    checker = Checker(IRModule({"main": workload.prim_func()}), target)
    for sketch, assignment in spread(checker.sketches, count, np.random.default_rng(seed)):
        report = checker.check(sketch, assignment)
        assert report.failures == ()
        assert report.passed == STEPS
        assert report.unmeasured == frozenset()


@pytest.mark.parametrize(("operator", "layout", "weight"), LAYOUTS)
def test_an_assignment_is_its_program(
    operator: str, layout: str, weight: str, dlboost: Any
) -> None:
    _check(_workload(operator, layout, weight), dlboost, 3)


@settings(max_examples=6, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(workload=workloads(["u8s8", "s8s8", "f32"], list(CASES)), seed=st.integers(0, 99))
def test_extents_equal_variables_at_any_size(workload: Workload, seed: int, dlboost: Any) -> None:
    mod = IRModule({"main": workload.prim_func()})
    checker = Checker(mod, dlboost)
    # Stock's sketches have decisions that our rules leave to TVM.
    assume(not any(knob.candidates for sketch in checker.sketches for knob in sketch.knobs))
    _check(workload, dlboost, 2, seed)


@pytest.mark.slow
@pytest.mark.parametrize("operator", CASES)
def test_all_layouts_and_types(operator: str, dlboost: Any) -> None:
    workload = OPERATORS[operator]
    for layout, weight in product(workload.layouts, ("kn", "nk", "packed")):
        for dtype in ("u8s8", "s8s8", "f32"):
            _check(_workload(operator, layout, weight, dtype), dlboost, 8)


def test_two_products_in_one_program(dlboost: Any) -> None:
    a = te.placeholder((17, 32), "uint8", name="A")
    weights = [te.placeholder((32, 48), "int8", name=name) for name in ("Q", "K")]
    k = te.reduce_axis((0, 32), "k")

    def projected(b: Any, name: str) -> Any:
        def dot(i: Any, j: Any) -> Any:
            return te.sum(a[i, k].astype("int32") * b[k, j].astype("int32"), axis=k)

        return te.compute((17, 48), dot, name=name)

    results = [projected(weight, f"{weight.op.name}_out") for weight in weights]
    mod = IRModule({"main": te.create_prim_func([a, *weights, *results])})
    checker = Checker(mod, dlboost)
    for sketch, assignment in spread(checker.sketches, 6, np.random.default_rng(0)):
        report = checker.check(sketch, assignment)
        assert (report.failures, report.unmeasured) == ((), frozenset())
