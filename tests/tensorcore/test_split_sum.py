"""A long sum in parts: two kernels that are what the variables and the estimate say, and exact."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import IRModule
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.hardware import machine
from heron_ms.hardware.description import only
from heron_ms.hardware.tensorcore import LEAST_DEPTH, TensorCore
from heron_ms.measure.tensorcore.build import OPERATIONS, build
from heron_ms.measure.tensorcore.emulation.emulate import MODES
from heron_ms.measure.tensorcore.estimate import FOLLOWING, LAUNCH, launching, working
from heron_ms.measure.tensorcore.lowering import lower
from heron_ms.measure.tensorcore.toolchain import Resources
from heron_ms.measure.tensorcore.work import work_of
from heron_ms.sketch import Sketch
from heron_ms.space_generators.plan import plan_of
from heron_ms.testing.emulated import emulated
from heron_ms.testing.soundness import broken_claims, claims
from heron_ms.workloads import OPERATORS
from tests.tensorcore.programs import needs_nvcc

A100, T4 = (only(TensorCore, machine(name), "GPU") for name in ("a100", "t4"))
M, K, N = LONG = (32, 2048, 64)
CASES = (
    ("gemm", (17, 512, 72), "f16", "kn", A100),
    ("gemm", (32, 512, 64), "f16", "nk", T4),
    ("bmm", (2, 32, 512, 48), "bf16", "kn", A100),
    ("c2d", (1, 5, 5, 512, 24, 3, 3, 1, 1, 1), "f16", "kn", A100),
    *(
        pytest.param(*case, A100, marks=pytest.mark.slow)
        for case in (
            ("gemm", (17, 512, 72), "s8s8", "nk"),
            ("t2d", (1, 4, 4, 512, 16, 4, 4, 2, 1), "f16", "kn"),
        )
    ),
)


def sketches(workload: Any, gpu: TensorCore = A100) -> dict[int, ConstrainedSketch]:
    """The last sketch of each number of parts that a sum is computed in."""
    mod = IRModule({"main": workload.prim_func()})
    return {
        chosen.tensorized[0][1].parts: constrain(Sketch(mod, chosen.schedule.trace), gpu)
        for chosen in plan_of(mod, gpu).sketches
    }


def _gemm(*sizes: int) -> Any:
    return OPERATORS["gemm"].of(sizes, "f16", weight="nk")


def test_a_long_sum_of_few_results_may_have_parts() -> None:
    assert list(sketches(_gemm(*LONG))) == [1, 2, 4, 8]
    assert list(sketches(_gemm(M, 2 * LEAST_DEPTH - 16, N))) == [1]
    assert list(sketches(_gemm(M, 2 * LEAST_DEPTH + 8, N))) == [1], "parts of whole tiles"
    assert list(sketches(_gemm(1024, K, 1024))) == [1], "as many blocks as multiprocessors"
    assert list(sketches(OPERATORS["gemv"].of((N, K), "f16"))) == [1], "rows of its own are needed"


@pytest.mark.parametrize("parts", [2, 4, 8])
def test_the_program_is_what_the_variables_say(parts: int, rng: np.random.Generator) -> None:
    sketch = sketches(_gemm(*LONG))[parts]
    claimed = claims(sketch.sketch, A100)
    for assignment in sketch.problem.sample(4, rng):
        mod = sketch.materialize(assignment).mod
        assert not list(broken_claims(claimed, mod, assignment))
        program = lower(mod, A100)
        product, total = program.kernels
        assert (product.shared, total.shared) == (assignment["shared.bytes"], 0)
        inner, outer = (assignment[f"C.i.{at}"] * assignment[f"C.j.{at}"] for at in (1, 0))
        assert product.grid == (inner, parts * outer, 1)
        assert assignment["C.k.1.0"] * assignment["C.k.1.1"] == K // parts // 16
        assert program.between == {"C.rf": 4 * parts * M * N}


@pytest.mark.parametrize("parts", [2, 8])
def test_the_second_kernel_and_what_lies_between_count(
    parts: int, rng: np.random.Generator
) -> None:
    sketch = sketches(_gemm(*LONG))[parts]
    [assignment] = sketch.problem.sample(1, rng)
    mod = sketch.materialize(assignment).mod
    product, total = work_of(mod)
    assert product.blocks * product.multiplications == M * N * K // (16 * 8 * 16)
    assert product.blocks * product.written == 4 * parts * M * N == total.blocks * total.read
    assert (product.read, total.multiplications, total.filled) == (0, 0, 0)
    assert total.blocks * total.written == 4 * M * N
    _, kernel = lower(mod, A100).kernels
    assert working(A100, kernel, total, Resources(16, 0, 0), OPERATIONS) > 0
    assert launching(2) - launching(1) == pytest.approx(FOLLOWING) and FOLLOWING < LAUNCH


@pytest.mark.parametrize(("operator", "sizes", "dtype", "weight", "gpu"), CASES)
def test_the_parts_add_up(
    operator: str,
    sizes: tuple[int, ...],
    dtype: str,
    weight: str,
    gpu: TensorCore,
    rng: np.random.Generator,
) -> None:
    workload = OPERATORS[operator].of(sizes, dtype, weight=weight)
    sketch = sketches(workload, gpu)[2]
    [assignment] = sketch.problem.sample(1, rng)
    program = lower(sketch.materialize(assignment).mod, gpu)
    assert [error for error, _ in emulated(workload, program, rng)] == [0.0] * len(MODES)


@needs_nvcc
@pytest.mark.slow
@pytest.mark.parametrize("parts", [2, 4, 8])
def test_both_kernels_compile_without_a_stack(parts: int, rng: np.random.Generator) -> None:
    sketch = sketches(_gemm(32, 2048, 1000))[parts]
    for assignment in sketch.problem.sample(4, rng):
        built = build(sketch.materialize(assignment).mod, A100)
        assert [(used.stack, used.spills, used.shared) for used in built.used] == [(0, 0, 0)] * 2
        assert launching(2) < built.seconds < 1
