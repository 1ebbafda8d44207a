"""Every program, built as it is, computes its reference: all operators, layouts and types."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import IRModule, Target, tvm_compile
from heron_ms.workloads import OPERATORS, Workload
from tests.workloads.workload_cases import CASES, every

FLOATS = ("f32", "f16", "f16f16f16", "bf16")


def _output(workload: Workload, a: Any, b: Any) -> Any:
    import tvm

    target = Target({"kind": "llvm", "num-cores": 1})
    kernel = tvm_compile(IRModule({"main": workload.prim_func()}), target)
    c = tvm.runtime.tensor(np.full(workload.c_shape, -7, workload.dtypes.result))
    kernel(tvm.runtime.tensor(a), tvm.runtime.tensor(workload.arrange(b)), c)
    return c.numpy()


@pytest.mark.parametrize("workload", every(), ids=lambda workload: workload.name)
def test_integers_are_exact(workload: Workload, rng: np.random.Generator) -> None:
    a, b = workload.random_inputs(rng)
    expected = workload.reference(a, b)
    assert (a.shape, b.shape) == (workload.a_shape, workload.b_shape)
    assert (str(a.dtype), str(b.dtype)) == (workload.dtypes.a, workload.dtypes.b)
    assert (expected.shape, expected.dtype) == (workload.c_shape, np.dtype(np.int32))
    np.testing.assert_array_equal(_output(workload, a, b), expected)
    assert workload.tolerance(a, b) == 0


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("dtype", FLOATS)
def test_floats_are_within_their_tolerance(
    operator: str, dtype: str, rng: np.random.Generator
) -> None:
    weight = OPERATORS[operator].weights[-1]
    workload = OPERATORS[operator].of(CASES[operator][-1], dtype, weight=weight)
    a, b = workload.random_inputs(rng)
    expected, tolerance = workload.reference(a, b), workload.tolerance(a, b)
    off = np.abs(_output(workload, a, b) - expected)
    assert np.all(off <= tolerance)
    tight = 1000 * np.finfo(workload.dtypes.c).eps
    assert np.max(tolerance) < min(tight, 0.1) * np.max(np.abs(expected))


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_requantised_result_is_bytes(operator: str, rng: np.random.Generator) -> None:
    workload = OPERATORS[operator].of(CASES[operator][-1], "s8s8s8")
    a, b = workload.random_inputs(rng)
    sums = OPERATORS[operator].of(CASES[operator][-1], "s8s8").reference(a, b)
    right = np.clip(sums // 256, 0, 127)
    assert workload.reference(a, b).dtype == np.int8
    np.testing.assert_array_equal(workload.reference(a, b), right)
    np.testing.assert_array_equal(_output(workload, a, b), right)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["s8s8", *FLOATS])
def test_all_layouts_of_all_types(dtype: str, rng: np.random.Generator) -> None:
    for workload in every(dtype):
        a, b = workload.random_inputs(rng)
        off = np.abs(_output(workload, a, b).astype(np.float64) - workload.reference(a, b))
        assert np.all(off <= workload.tolerance(a, b)), workload.name
