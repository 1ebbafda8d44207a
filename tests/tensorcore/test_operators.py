"""Every operator and type on TensorCores: lowered, and exact in the emulation."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import heron_ms
from heron_ms._tvm import IRModule, Target, te, tensors_of
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.hardware import for_target, machine, resolve
from heron_ms.hardware.description import only
from heron_ms.hardware.tensorcore import SHARED, TensorCore
from heron_ms.measure.tensorcore.emulation.emulate import MODES, Emulated
from heron_ms.measure.tensorcore.lowering import lower
from heron_ms.testing.emulated import emulated
from heron_ms.workloads import OPERATORS

GPUS = ("a100", "h100", "h200", "rtx3090", "rtx4090", "t4", "v100")
A100, T4, V100 = (only(TensorCore, machine(name), "GPU") for name in ("a100", "t4", "v100"))
CASES = (
    ("gemm", (33, 70, 50)),
    ("gemm", (1, 128, 64)),
    ("bmm", (3, 32, 64, 48)),
    ("gemv", (64, 64)),
    ("scan", (8, 32, 16)),
    ("c1d", (1, 16, 32, 32, 3, 1, 1, 1)),
    ("c2d", (2, 8, 8, 32, 32, 3, 3, 1, 1, 1)),
    ("c2d", (1, 8, 8, 3, 32, 3, 3, 1, 1, 1)),
    ("c2d", (16, 4, 4, 16, 32, 3, 3, 1, 1, 1)),
    ("c2d", (1, 9, 9, 20, 24, 3, 3, 2, 1, 1)),
    ("dil", (1, 9, 9, 32, 32, 3, 3, 1, 2, 2)),
    ("c3d", (1, 4, 6, 6, 16, 16, 3, 3, 3, 1, 1, 1)),
    ("t2d", (1, 6, 6, 16, 16, 4, 4, 2, 1)),
    ("grp", (1, 6, 6, 32, 32, 3, 3, 1, 1, 1, 2)),
)


def _program(workload: Any, gpu: TensorCore = A100) -> tuple[IRModule, ConstrainedSketch]:
    mod = IRModule({"main": workload.prim_func()})
    first, *_ = heron_ms.generate_sketches(mod, Target(gpu.target()))
    return mod, constrain(first, gpu)


def _errors(
    workload: Any, assignments: int, rng: np.random.Generator, gpu: TensorCore = A100
) -> list[float]:
    """The largest error of random programs, on integers, of which all sums are exact."""
    _, sketch = _program(workload, gpu)
    return [
        error
        for assignment in sketch.problem.sample(assignments, rng)
        for error, _ in emulated(workload, lower(sketch.materialize(assignment).mod, gpu), rng)
    ]


@pytest.mark.parametrize("weight", ["kn", "nk"])
@pytest.mark.parametrize("dtype", ["f16", "f16f16f16", "bf16", "s8s8"])
def test_a_product_of_any_type_is_exact(dtype: str, weight: str, rng: np.random.Generator) -> None:
    workload = OPERATORS["gemm"].of((32, 64, 64), dtype, weight=weight)
    assert _errors(workload, 1, rng) == [0.0] * len(MODES)


def test_bytes_that_are_padded_in_vectors_are_exact(rng: np.random.Generator) -> None:
    """Zeros come in vectors of 8 and 16 bytes, which CUDA has as words."""
    workload = OPERATORS["gemm"].of((17, 64, 40), "s8s8", weight="nk")
    _, sketch = _program(workload)
    sources = [
        lower(sketch.materialize(assignment).mod, A100).source
        for assignment in sketch.problem.sample(8, rng)
    ]
    assert any("make_int4(0, 0, 0, 0)" in source for source in sources)
    assert any("make_int2(0, 0)" in source for source in sources)
    assert _errors(workload, 4, rng) == [0.0] * 4 * len(MODES)


def test_padded_data_comes_in_vectors(rng: np.random.Generator) -> None:
    """And never element by element, whatever else the loops over a tile are."""
    _, sketch = _program(OPERATORS["c2d"].of((16, 14, 14, 64, 64, 3, 3, 1, 1, 1), "f16"))
    for assignment in sketch.problem.sample(24, rng):
        source = lower(sketch.materialize(assignment).mod, A100).source
        width = assignment["heron.vector"]
        assert not re.search(rf"for \(int \w+ = 0; \w+_s\w* < {width}; ", source)


def test_padded_bfloat16_is_exact(rng: np.random.Generator) -> None:
    """Zeros come two at a time, in a word."""
    workload = OPERATORS["gemm"].of((17, 70, 50), "bf16", weight="nk")
    assert _errors(workload, 3, rng) == [0.0] * 3 * len(MODES)


@pytest.mark.parametrize("weight", ["kn", "nk"])
def test_turing_multiplies_the_same_tiles_by_its_shorter_instruction(
    weight: str, rng: np.random.Generator
) -> None:
    workload = OPERATORS["gemm"].of((32, 64, 64), "f16", weight=weight)
    _, sketch = _program(workload, T4)
    [assignment] = sketch.problem.sample(1, rng)
    source = lower(sketch.materialize(assignment).mod, T4).source
    assert "m16n8k8" in source and "m16n8k16" not in source and "cp.async" not in source
    assert _errors(workload, 2, rng, T4) == [0.0] * 2 * len(MODES)


@pytest.mark.parametrize("gpu", [A100, T4], ids=lambda gpu: gpu.name)
def test_a_sum_of_halves_is_exact(gpu: TensorCore, rng: np.random.Generator) -> None:
    workload = OPERATORS["gemm"].of((32, 32, 64), "f16f16f16")
    mod = IRModule({"main": workload.prim_func()})
    for made in heron_ms.generate_sketches(mod, Target(gpu.target())):
        sketch = constrain(made, gpu)
        [assignment] = sketch.problem.sample(1, rng)
        program = lower(sketch.materialize(assignment).mod, gpu)
        assert "f16.f16.f16.f16" in program.source
        assert [error for error, _ in emulated(workload, program, rng)] == [0.0] * len(MODES)


@pytest.mark.slow
@pytest.mark.parametrize(("operator", "sizes"), CASES)
def test_an_operator_is_exact(
    operator: str, sizes: tuple[int, ...], rng: np.random.Generator
) -> None:
    assert set(_errors(OPERATORS[operator].of(sizes, "f16"), 1, rng)) == {0.0}


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["bf16", "s8s8"])
def test_a_convolution_of_other_types_is_exact(dtype: str, rng: np.random.Generator) -> None:
    workload = OPERATORS["c2d"].of((2, 8, 8, 32, 32, 3, 3, 1, 1, 1), dtype)
    assert set(_errors(workload, 1, rng)) == {0.0}


@pytest.mark.parametrize(("operator", "sizes"), CASES)
def test_all_of_a_program_runs_on_the_gpu(
    operator: str, sizes: tuple[int, ...], rng: np.random.Generator
) -> None:
    """What is beside the product, such as a crop or a sum of partial sums, is a kernel too."""
    mod, sketch = _program(OPERATORS[operator].of(sizes, "f16"))
    [assignment] = sketch.problem.sample(1, rng)
    kernels = lower(sketch.materialize(assignment).mod, A100).kernels
    *_, result = tensors_of(mod["main"])
    written = {name for kernel in kernels for name in kernel.arguments}
    assert str(result.name) in written


@pytest.mark.parametrize("name", GPUS)
def test_programs_keep_to_what_a_gpu_has(name: str, rng: np.random.Generator) -> None:
    gpu = only(TensorCore, machine(name), "GPU")
    assert resolve(f"tensorcore:{name}") == for_target(Target(gpu.target())) == gpu
    workload = OPERATORS["gemm"].of((256, 256, 256), "f16")
    mod = IRModule({"main": workload.prim_func()})
    for made in heron_ms.generate_sketches(mod, Target(gpu.target())):
        sketch = constrain(made, gpu)
        for assignment in sketch.problem.sample(2, rng):
            [kernel] = lower(sketch.materialize(assignment).mod, gpu).kernels
            assert kernel.shared == sketch.held(SHARED, assignment) <= gpu.memory("shared").capacity
            warps = kernel.threads[0] * kernel.threads[1] // 32
            assert warps * 32 <= min(1024, gpu.limits["threads"])


@pytest.mark.parametrize("gpu", [A100, V100], ids=lambda gpu: gpu.name)
@pytest.mark.parametrize(
    ("m", "n", "turned"),
    [
        (20, 1, False),
        (20, 50, True),
        pytest.param(32, 48, True, marks=pytest.mark.slow),
    ],
)
def test_results_may_lie_turned_around(
    m: int, n: int, turned: bool, gpu: TensorCore, rng: np.random.Generator
) -> None:
    """As those of one lane do, of which rows are made."""
    a, b = te.placeholder((m, 32), "float16", "A"), te.placeholder((32, n), "float16", "B")
    k = te.reduce_axis((0, 32), "k")

    def element(i: Any, j: Any) -> Any:
        return te.sum(a[i, k].astype("float32") * b[k, j].astype("float32"), axis=k)

    shape = (n, m) if turned else (m, n)
    c = te.compute(shape, lambda i, j: element(j, i) if turned else element(i, j), "C")
    mod = IRModule({"main": te.create_prim_func([a, b, c])})
    left, right = (rng.integers(-4, 4, x).astype("float16") for x in ((m, 32), (32, n)))
    wanted = left.astype(float) @ right.astype(float)
    sketches = heron_ms.generate_sketches(mod, Target(gpu.target()))
    assert any("mma" in str(sketch.trace) for sketch in sketches)
    for made in sketches[:2]:
        sketch = constrain(made, gpu)
        [assignment] = sketch.problem.sample(1, rng)
        program = Emulated(lower(sketch.materialize(assignment).mod, gpu), ["A", "B", "C"])
        for mode in MODES:
            *_, got = program([left, right, np.full(shape, 99, "float32")], mode)[0]
            np.testing.assert_array_equal(got, wanted.T if turned else wanted)


@pytest.mark.parametrize("names", [("Data", "Conv", "Dense"), ("B", "A", "D"), ("C", "D", "A")])
def test_arrays_may_have_any_names(names: tuple[str, str, str], rng: np.random.Generator) -> None:
    """TVM takes letters of the fragments' names for operands of the instruction."""
    a, b = (
        te.placeholder((32, 48), "float16", names[0]),
        te.placeholder((48, 16), "float16", names[1]),
    )
    k = te.reduce_axis((0, 48), "k")

    def summand(i: Any, j: Any) -> Any:
        return a[i, k].astype("float32") * b[k, j].astype("float32")

    c = te.compute((32, 16), lambda i, j: te.sum(summand(i, j), axis=k), names[2])
    func = te.create_prim_func([a, b, c])
    left, right = (rng.integers(-4, 4, x).astype("float16") for x in ((32, 48), (48, 16)))
    for made in heron_ms.generate_sketches(IRModule({"main": func}), Target(A100.target())):
        sketch = constrain(made, A100)
        [assignment] = sketch.problem.sample(1, rng)
        program = Emulated(lower(sketch.materialize(assignment).mod, A100), names)
        *_, got = program([left, right, np.full((32, 16), 99, "float32")])[0]
        np.testing.assert_array_equal(got, left.astype(float) @ right.astype(float))
