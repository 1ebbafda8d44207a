"""The check of a winner: exact for integers, within a bound for floats, and able to fail."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tvm import te

from heron_ms._tvm import IRModule, Target, tirx, tvm_compile
from heron_ms.checking import compared, count_wrong
from heron_ms.cli.tune import check
from heron_ms.hardware import host
from heron_ms.measure.cpu import device
from heron_ms.measure.devices import device_of
from heron_ms.workloads import Conv2d, Gemm, Workload
from heron_ms.workloads.workload import to_dtype

HERE = device_of(host().with_cores(1))


def _kernel(workload: Workload) -> Any:
    target = Target({"kind": "llvm", "num-cores": 1})
    return tvm_compile(IRModule({"main": workload.prim_func()}), target)


@pytest.mark.parametrize("dtype", ["u8s8", "f32", "f16f16f16", "bf16"])
def test_a_right_kernel(monkeypatch: pytest.MonkeyPatch, dtype: str) -> None:
    monkeypatch.setattr(device, "REPEATS", 2)
    workload = Conv2d.of((1, 6, 5, 3, 18, 3, 2, 1, 1, 1), dtype, weight="packed")
    verdict = check.check(_kernel(workload), workload, HERE)
    assert (verdict.wrong, verdict.elements) == (0, 6 * 6 * 18)
    assert 0 < verdict.seconds < 1


@pytest.mark.parametrize("dtype", ["s8s8", "f32"])
def test_a_kernel_of_something_else(monkeypatch: pytest.MonkeyPatch, dtype: str) -> None:
    monkeypatch.setattr(device, "REPEATS", 2)
    transposed = _kernel(Gemm.of((16, 16, 16), dtype, weight="nk"))
    verdict = check.check(transposed, Gemm.of((16, 16, 16), dtype, weight="kn"), HERE)
    assert verdict.wrong > 100


def test_what_is_not_written_is_wrong() -> None:
    for dtype in ("u8s8", "f32"):
        workload = Gemm.of((4, 8, 4), dtype)
        a, b = workload.random_inputs(np.random.default_rng(0))
        right = workload.reference(a, b)
        idle = compared(
            HERE, lambda *_: None, workload.prim_func(), lambda *_, right=right: right, [a, b]
        )
        assert idle.wrong == right.size and idle.arguments == ("C",)


def test_counting() -> None:
    expected = np.array([1.0, 2.0, 3.0, 4.0])
    output = np.array([1.0, 2.1, np.nan, np.inf], np.float32)
    assert count_wrong(output, expected, 0.0) == 3
    assert count_wrong(output, expected, np.array([0.0, 0.2, 9.0, 9.0])) == 2
    assert count_wrong(np.array([2**31 - 1]), np.array([-(2**31)]), 0.0) == 1


@pytest.mark.parametrize("narrow", ["float16", "bfloat16"])
@pytest.mark.parametrize("rounds", [True, False])
def test_what_is_rounded_to_halves_may_be_a_step_off(narrow: str, rounds: bool) -> None:
    """Of two right programs whose sums differ in their last bit."""
    a = te.placeholder((64,), narrow, "A")
    b = te.compute((64,), lambda i: a[i].astype("float32") * tirx.const(3.0, "float32"), "B")
    c = te.compute((64,), lambda i: b[i].astype(narrow), "C") if rounds else b
    func = te.create_prim_func([a, te.compute((64,), lambda i: c[i].astype("float32"), "D")])

    def a_step_off(values: Any, result: Any) -> None:
        result.copyfrom(to_dtype(3 * values.numpy().astype("float32"), narrow) * np.float32(1.002))

    assert (compared(HERE, a_step_off, func, seed=0).wrong == 0) is rounds
