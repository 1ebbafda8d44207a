"""Volta multiplies by WMMA, whose fragments only its own instructions reach: all exact as well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import heron_ms
from heron_ms._tvm import IRModule, Target, te, tensors_of, topi
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.errors import EmulationError, TargetError, ToolChainError
from heron_ms.hardware import machine
from heron_ms.hardware.description import only
from heron_ms.hardware.tensorcore import HELD, SHARED, SWIZZLE, TensorCore
from heron_ms.measure.tensorcore import lowering, toolchain
from heron_ms.measure.tensorcore.build import build
from heron_ms.measure.tensorcore.emulation.emulate import MODES, Emulated
from heron_ms.measure.tensorcore.lowering import Lowered, lower
from heron_ms.measure.tensorcore.work import work_of
from heron_ms.sketch import Sketch
from heron_ms.space_generators.plan import plan_of
from heron_ms.testing.emulated import emulated
from heron_ms.testing.soundness import broken_claims, claims
from heron_ms.workloads import OPERATORS

V100 = only(TensorCore, machine("v100"), "GPU")
AS_TURING = replace(V100, arch="sm_75")
"""WMMA means the same there, and later tool chains still compile for it."""
M, K, N = SIZES = (64, 96, 128)
CASES = (
    ("gemm", (33, 70, 50), "kn"),
    ("gemm", (17, 512, 72), "nk"),
    ("c2d", (1, 7, 7, 3, 20, 3, 3, 2, 1, 1), "kn"),
    *(
        pytest.param(operator, sizes, "kn", marks=pytest.mark.slow)
        for operator, sizes in (
            ("bmm", (2, 32, 64, 48)),
            ("gemv", (64, 64)),
            ("c2d", (1, 8, 8, 32, 32, 3, 3, 1, 1, 1)),
            ("t2d", (1, 4, 4, 16, 16, 4, 4, 2, 1)),
            ("grp", (1, 6, 6, 32, 32, 3, 3, 1, 1, 1, 2)),
        )
    ),
)


def _sketches(mod: IRModule) -> Iterator[ConstrainedSketch]:
    for made in heron_ms.generate_sketches(mod, Target(V100.target())):
        yield constrain(made, V100)


def _module(workload: Any) -> IRModule:
    return IRModule({"main": workload.prim_func()})


def _gemm(weight: str = "kn", sizes: tuple[int, int, int] = SIZES) -> Any:
    return OPERATORS["gemm"].of(sizes, "f16", weight=weight)


def _right(program: Lowered, workload: Any, rng: np.random.Generator) -> bool:
    """Whether a program is exact in each mode, on integers, of which all sums are exact."""
    return all(error == 0 for error, _ in emulated(workload, program, rng))


@pytest.mark.parametrize("weight", ["kn", "nk"])
def test_a_program_is_what_the_variables_say(weight: str, rng: np.random.Generator) -> None:
    for sketch in _sketches(_module(_gemm(weight))):
        claimed = claims(sketch.sketch, V100)
        for assignment in sketch.problem.sample(4, rng):
            mod = sketch.materialize(assignment).mod
            assert not list(broken_claims(claimed, mod, assignment))
            [kernel] = lower(mod, V100).kernels
            shared = sketch.held(SHARED, assignment)
            assert kernel.shared == shared <= V100.memory(SHARED).capacity
            assert kernel.threads == (32, assignment["C.i.2"] * assignment["C.j.2"], 1)


def test_results_get_no_array_of_another_type(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    *_, through_shared = _sketches(_module(_gemm()))
    drawn = through_shared.problem.sample(8, rng)
    mods = [through_shared.materialize(assignment).mod for assignment in drawn]
    assert all(lower(mod, V100).source for mod in mods)
    monkeypatch.setattr(lowering, "MERGED_ONCE", {})
    with pytest.raises(Exception, match="element type must match"):
        for mod in mods:
            lower(mod, V100)


@pytest.mark.parametrize("weight", ["kn", "nk"])
def test_registers_count_what_lies_in_two_lanes_twice(
    weight: str, rng: np.random.Generator
) -> None:
    sketch, *_ = _sketches(_module(_gemm(weight, (1024, 1024, 1024))))
    held = [name for name in sketch.problem.names if name.endswith(".bytes") and "wmma" in name]
    assert HELD["wmma.matrix_a"] == 2 and len(held) == 3
    for assignment in sketch.problem.sample(100, rng):
        a, b, c = (
            assignment[next(name for name in held if part in name)]
            for part in ("matrix_a", "matrix_b", "accumulator")
        )
        assert 2 * a + 2 * b + c <= V100.memory("fragments").capacity


@pytest.mark.parametrize("weight", ["kn", "nk"])
def test_it_has_the_instructions_of_wmma_alone(weight: str, rng: np.random.Generator) -> None:
    workload = _gemm(weight)
    for sketch in _sketches(_module(workload)):
        [assignment] = sketch.problem.sample(1, rng)
        program = lower(sketch.materialize(assignment).mod, V100)
        assert "wmma::mma_sync" in program.source
        assert not re.search(r"asm|ldmatrix|cp\.async", program.source.partition("global__")[2])
        assert _right(program, workload, rng)


@pytest.mark.parametrize(("operator", "sizes", "weight"), CASES)
def test_an_operator_is_exact(
    operator: str, sizes: tuple[int, ...], weight: str, rng: np.random.Generator
) -> None:
    workload = OPERATORS[operator].of(sizes, "f16", weight=weight)
    *_, direct, through_shared = _sketches(_module(workload))
    for sketch in (direct, through_shared):
        [assignment] = sketch.problem.sample(1, rng)
        assert _right(lower(sketch.materialize(assignment).mod, V100), workload, rng)


def _product() -> tuple[Any, Any, Any]:
    a, b = te.placeholder((32, 64), "float16", "A"), te.placeholder((64, 32), "float16", "B")
    k = te.reduce_axis((0, 64), "k")

    def summand(i: Any, j: Any) -> Any:
        return a[i, k].astype("float32") * b[k, j].astype("float32")

    c = te.compute((32, 32), lambda i, j: te.sum(summand(i, j), axis=k), "C")
    return a, b, c


def _halves() -> tuple[NDArray[Any], NDArray[Any]]:
    rng = np.random.default_rng(0)
    left, right = (rng.integers(-4, 4, shape).astype(np.float16) for shape in ((32, 64), (64, 32)))
    return left, right


def _called(
    mod: IRModule, names: list[str], rng: np.random.Generator, number: int = 0
) -> tuple[Lowered, Any]:
    """A random program of a sketch, and its result on `_halves`."""
    sketch = list(_sketches(mod))[number]
    [assignment] = sketch.problem.sample(1, rng)
    program = lower(sketch.materialize(assignment).mod, V100)
    *_, output = tensors_of(mod["main"])
    given = [*_halves(), np.full((32, 32), 99, str(output.dtype))]
    first, second = (Emulated(program, names)(given, mode)[0][-1] for mode in MODES)
    np.testing.assert_array_equal(first, second)
    return program, first


def test_a_sum_of_halves_is_exact(rng: np.random.Generator) -> None:
    workload = OPERATORS["gemm"].of((32, 32, 64), "f16f16f16")
    for sketch in _sketches(_module(workload)):
        [assignment] = sketch.problem.sample(1, rng)
        program = lower(sketch.materialize(assignment).mod, V100)
        assert "16, 16, 16, half>" in program.source
        assert _right(program, workload, rng)


def test_wmma_of_a_newer_gpu_permutes_no_rows_either(rng: np.random.Generator) -> None:
    ampere, workload = replace(V100, arch="sm_80"), _gemm()
    mod = _module(workload)
    for made in plan_of(mod, ampere).sketches:
        assert SWIZZLE not in str(made.schedule.trace)
        sketch = constrain(Sketch(mod, made.schedule.trace), ampere)
        [assignment] = sketch.problem.sample(1, rng)
        assert _right(lower(sketch.materialize(assignment).mod, ampere), workload, rng)


def test_fragments_in_lanes_are_of_gpus_with_ldmatrix() -> None:
    with pytest.raises(TargetError, match="'a100': fragments in the lanes.*sm_70 has no ldmatrix"):
        replace(only(TensorCore, machine("a100"), "GPU"), arch="sm_70")


@pytest.mark.parametrize(("sketch", "kernels"), [(0, 2), (1, 1)])
def test_what_follows_is_one_more_kernel_or_reads_shared_memory(
    sketch: int, kernels: int, rng: np.random.Generator
) -> None:
    """Nobody knows which lane holds what, so it is read back, once, however many blocks it is."""
    a, b, c = _product()
    scaled = te.compute((32, 32), lambda i, j: c[i, j] * 2.0, "S")
    joined = te.compute((32, 32), lambda i, j: scaled[i, j] + c[i, j], "J")
    out = topi.nn.relu(joined)
    mod = IRModule({"main": te.create_prim_func([a, b, out])})
    names = ["A", "B", str(tensors_of(mod["main"])[-1].name)]
    program, got = _called(mod, names, rng, sketch)
    left, right = _halves()
    assert len(program.kernels) == kernels
    np.testing.assert_array_equal(got, np.maximum(3 * (left.astype(float) @ right), 0))


def test_work_is_counted(rng: np.random.Generator) -> None:
    direct, through_shared = _sketches(_module(_gemm()))
    for sketch in (direct, through_shared):
        [assignment] = sketch.problem.sample(1, rng)
        [work] = work_of(sketch.materialize(assignment).mod)
        assert work.blocks * work.multiplications == M * N * K // 16**3
        assert work.blocks * work.written == work.blocks * work.touched == 4 * M * N
        assert work.blocks * work.passed == (4 * M * N if sketch is through_shared else 0)
        assert work.stages == 1


def test_the_emulation_refuses_what_a_gpu_would(rng: np.random.Generator) -> None:
    workload = _gemm()
    sketch, *_ = _sketches(_module(workload))
    assignment = next(  # of several warps, which have to wait for each other in each turn
        drawn
        for drawn in sketch.problem.sample(200, rng)
        if drawn["C.i.2"] * drawn["C.j.2"] > 1 < drawn["C.k.0"]
    )
    program = lower(sketch.materialize(assignment).mod, V100)
    load = re.compile(r"(load_matrix_sync\([^;]*?), (\(&\(\(\(half\*\)\w+\)\[)")
    moved = load.sub(r"\1, \g<2>8 + ", program.source, count=1)
    assert moved != program.source
    with pytest.raises(EmulationError, match="load_matrix_sync is not aligned"):
        _right(replace(program, source=moved), workload, rng)
    unguarded = program.source.replace("__syncthreads();", "")
    assert not _right(replace(program, source=unguarded), workload, rng)


def test_an_old_gpu_that_the_compiler_has_no_more_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(toolchain, "nvcc", lambda: "nvcc")
    monkeypatch.setattr(toolchain, "architectures", lambda: frozenset({75, 80}))
    with pytest.raises(ToolChainError, match="v100 is sm_70: CUDA 12 has it") as error:
        toolchain.require(V100)
    assert "\n" not in str(error.value)
    toolchain.require(AS_TURING)


@pytest.mark.slow
@pytest.mark.parametrize("weight", ["kn", "nk"])
def test_programs_compile_without_a_stack(weight: str, rng: np.random.Generator) -> None:
    try:
        toolchain.require(AS_TURING)
    except ToolChainError as error:
        pytest.skip(str(error))
    for sketch in _sketches(_module(_gemm(weight, (1024, 1024, 1024)))):
        for assignment in sketch.problem.sample(4, rng):
            built = build(sketch.materialize(assignment).mod, AS_TURING)
            assert [(one.stack, one.spills, one.shared) for one in built.used] == [(0, 0, 0)]
            assert 0 < built.seconds < 1
