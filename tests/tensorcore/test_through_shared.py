"""Results by way of shared memory: what the variables say, in whole rows, and exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import IRModule, Schedule, te, tensors_of, tirx
from heron_ms.constraints import ConstrainedSketch, c5_memory, constrain
from heron_ms.hardware.tensorcore import SHARED
from heron_ms.measure.tensorcore import lowering
from heron_ms.measure.tensorcore.build import build
from heron_ms.measure.tensorcore.emulation.emulate import Emulated
from heron_ms.measure.tensorcore.lowering import Lowered, lower
from heron_ms.measure.tensorcore.work import work_of
from heron_ms.sketch import Sketch
from heron_ms.space_generators.plan import plan_of
from heron_ms.testing.emulated import emulated
from heron_ms.testing.soundness import broken_claims, claims
from heron_ms.workloads import OPERATORS
from tests.tensorcore.programs import A100, needs_nvcc, sketches_of

CASES = (
    ("gemm", (33, 70, 50), "f16", "kn"),
    ("gemm", (64, 128, 96), "bf16", "nk"),
    ("gemm", (64, 128, 96), "s8s8", "nk"),
    ("bmm", (3, 32, 64, 48), "f16", "kn"),
    ("gemv", (64, 64), "f16", "kn"),
    ("c2d", (1, 9, 9, 20, 24, 3, 3, 2, 1, 1), "f16", "kn"),
    ("t2d", (1, 6, 6, 16, 16, 4, 4, 2, 1), "f16", "kn"),
    ("grp", (1, 6, 6, 32, 32, 3, 3, 1, 1, 1, 2), "f16", "kn"),
)
BARRIER = "__syncthreads();"


def through_shared(workload: Any) -> list[ConstrainedSketch]:
    """The sketches of a program whose results go through shared memory."""
    return sketches_of(workload, lambda choice: choice.through_shared)


def errors(program: Lowered, workload: Any, rng: np.random.Generator) -> list[float]:
    """The largest error in each mode."""
    return [error for error, _ in emulated(workload, program, rng)]


def _bytes_or_not(dtype: str, kind: str) -> Any:
    """A product followed by a cast to bytes, by a choice, or by rows behind one another."""
    m, n, k = 20, 52, 64
    out = "int32" if dtype == "int8" else "float32"
    a, b = te.placeholder((m, k), dtype, "A"), te.placeholder((n, k), dtype, "B")
    depth = te.reduce_axis((0, k), "k")
    c = te.compute(
        (m, n), lambda i, j: te.sum(a[i, depth].astype(out) * b[j, depth].astype(out), axis=depth)
    )
    if kind == "chosen":
        mask = te.placeholder((m, n), "bool", "mask")
        d = te.compute(
            (m, n), lambda i, j: tirx.if_then_else(mask[i, j], c[i, j], tirx.const(0, out))
        )
        return te.create_prim_func([a, b, mask, d])
    if kind == "in a row":
        return te.create_prim_func([a, b, te.compute((m * n,), lambda i: c[i // n, i % n])])
    return te.create_prim_func([a, b, te.compute((m, n), lambda i, j: c[i, j].astype(kind))])


@pytest.mark.parametrize(
    ("dtype", "kind"),
    [
        ("int8", "uint8"),
        ("float16", "chosen"),
        pytest.param("int8", "int8", marks=pytest.mark.slow),
        pytest.param("float16", "in a row", marks=pytest.mark.slow),
    ],
)
def test_what_follows_may_have_few_bytes_or_another_shape(
    dtype: str, kind: str, rng: np.random.Generator
) -> None:
    func = _bytes_or_not(dtype, kind)
    arrays = [rng.integers(0, 2, list(map(int, x.shape))).astype(x.dtype) for x in tensors_of(func)]
    a, b, *mask, _ = arrays
    c = a.astype(int) @ b.astype(int).T
    right = np.where(mask[0], c, 0) if mask else c
    mod = IRModule({"main": func})
    sketch = constrain(Sketch(mod, plan_of(mod, A100).sketches[1].schedule.trace), A100)
    for assignment in sketch.problem.sample(6, rng):
        program = lower(sketch.materialize(assignment).mod, A100)
        kernels = Emulated(program, [str(one.name) for one in tensors_of(func)])
        *_, got = kernels(arrays)[0]
        np.testing.assert_array_equal(got.reshape(right.shape), right)


def test_what_a_mask_chooses_is_not_written_in_vectors(rng: np.random.Generator) -> None:
    """As `tirx.Select` of a mask would be no CUDA."""
    mod = IRModule({"main": _bytes_or_not("float16", "chosen")})
    sketch = constrain(Sketch(mod, plan_of(mod, A100).sketches[1].schedule.trace), A100)
    assert {drawn["heron.vector~3"] for drawn in sketch.problem.sample(40, rng)} == {1}


def _of_warps(sketch: ConstrainedSketch, rng: np.random.Generator) -> Schedule:
    """A program of several warps, which have to wait for each other."""
    return sketch.materialize(
        next(
            drawn
            for drawn in sketch.problem.sample(200, rng)
            if drawn["C.i.2"] > 1 and drawn["C.j.2"] > 1
        )
    )


def test_every_sketch_but_those_of_parts_has_one_with_it() -> None:
    mod = IRModule({"main": OPERATORS["gemm"].of((32, 64, 512), "f16").prim_func()})
    choices = [chosen.tensorized[0][1] for chosen in plan_of(mod, A100).sketches]
    whole = [choice for choice in choices if choice.parts == 1]
    with_it = [choice for choice in whole if choice.through_shared]
    assert [replace(choice, through_shared=False) for choice in with_it] == [
        choice for choice in whole if not choice.through_shared
    ]
    assert not any(choice.through_shared for choice in choices if choice.parts > 1)


@pytest.mark.parametrize(("operator", "sizes", "dtype", "weight"), CASES)
def test_a_program_is_what_the_variables_say_and_exact(
    operator: str, sizes: tuple[int, ...], dtype: str, weight: str, rng: np.random.Generator
) -> None:
    workload = OPERATORS[operator].of(sizes, dtype, weight=weight)
    for sketch in through_shared(workload):
        claimed = claims(sketch.sketch, A100)
        for assignment in sketch.problem.sample(4, rng):
            mod = sketch.materialize(assignment).mod
            assert not list(broken_claims(claimed, mod, assignment))
            *_, kernel = (one for one in lower(mod, A100).kernels if one.shared)
            assert kernel.shared == sketch.held(SHARED, assignment) <= A100.memory(SHARED).capacity
        assert errors(lower(mod, A100), workload, rng) == [0, 0]


def _larger(assignment: Mapping[str, int]) -> bool:
    """Whether the results of a block take more than its operands."""
    return assignment["shared.results.bytes"] > assignment["shared.bytes"]


def test_results_have_the_bytes_of_the_operands(rng: np.random.Generator) -> None:
    [sketch, *_] = through_shared(OPERATORS["gemm"].of((256, 256, 256), "f16"))
    drawn = sketch.problem.sample(40, rng)
    assert {_larger(assignment) for assignment in drawn} == {True, False}
    for assignment in drawn:
        held = (assignment["shared.results.bytes"], assignment["shared.bytes"])
        assert sketch.held(SHARED, assignment) == max(held)
        [kernel] = lower(sketch.materialize(assignment).mod, A100).kernels
        assert kernel.shared == max(held)


def test_results_of_halves_have_the_bytes_of_the_operands(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    [sketch, *_] = through_shared(OPERATORS["gemm"].of((256, 256, 256), "f16f16f16"))
    drawn = [one for one in sketch.problem.sample(200, rng) if _larger(one)][:10]
    mods = [sketch.materialize(assignment).mod for assignment in drawn]

    def taken() -> list[int]:
        return [kernel.shared for mod in mods for kernel in lower(mod, A100).kernels]

    said = [assignment["shared.results.bytes"] for assignment in drawn]
    assert taken() == said
    monkeypatch.setattr(lowering, "MERGED_ONCE", {})
    assert all(more > bytes for more, bytes in zip(taken(), said, strict=True))


def test_few_results_do_not_get_the_bytes_of_a_large_operand(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(c5_memory, "FITTING", 1024)
    [sketch, *_] = through_shared(OPERATORS["gemm"].of((16, 1024, 32), "f16"))
    names = [name for name in sketch.problem.names if name.endswith(".places")]
    assignment = next(
        drawn
        for drawn in sketch.problem.sample(2000, rng)
        if min(drawn[name] for name in names) > 16 * drawn["shared.results.bytes"]
    )
    [kernel] = lower(sketch.materialize(assignment).mod, A100).kernels
    assert kernel.shared == assignment["shared.bytes"] + assignment["shared.results.bytes"]


def test_rows_are_written_in_vectors(rng: np.random.Generator) -> None:
    [sketch, *_] = through_shared(OPERATORS["gemm"].of((64, 128, 96), "f16"))
    widths = {}
    for assignment in sketch.problem.sample(40, rng):
        mod = sketch.materialize(assignment).mod
        stores = [line for line in lower(mod, A100).source.splitlines() if "(C_ptr + " in line]
        widths[assignment["heron.vector~3"]] = [line.split("*)")[0].strip() for line in stores]
        [work] = work_of(mod)
        assert work.passed == work.written == work.touched == 4 * 64 * 96 // work.blocks
    assert widths == {2: ["*(float2"], 4: ["*(float4"], 1: []}


def test_what_another_product_copies_aside_is_not_written_in_vectors(
    rng: np.random.Generator,
) -> None:
    """TVM would give the array between them the type of a vector, and then copy none of it."""
    a, b, d = (
        te.placeholder(shape, "float16", name)
        for shape, name in (((64, 128), "A"), ((128, 512), "B"), ((512, 96), "D"))
    )
    c = _product(a, b, "C")
    h = te.compute(c.shape, lambda i, j: c[i, j].astype("float16"), "H")
    mod = IRModule({"main": te.create_prim_func([a, b, d, _product(h, d, "E")])})
    both = [
        chosen
        for chosen in plan_of(mod, A100).sketches
        if all(choice.through_shared for _, choice in chosen.tensorized)
    ]
    assert both
    for chosen in both:
        sketch = constrain(Sketch(mod, chosen.schedule.trace), A100)
        for assignment in sketch.problem.sample(20, rng):
            assert len(lower(sketch.materialize(assignment).mod, A100).kernels) == 2


def _product(a: Any, b: Any, name: str) -> Any:
    k = te.reduce_axis((0, a.shape[1]), f"k_{name}")

    def element(i: Any, j: Any) -> Any:
        return te.sum(a[i, k].astype("float32") * b[k, j].astype("float32"), axis=k)

    return te.compute((a.shape[0], b.shape[1]), element, name)


def test_warps_wait_before_and_after_results_are_shared(rng: np.random.Generator) -> None:
    workload = OPERATORS["gemm"].of((64, 128, 96), "f16")
    [sketch, *_] = through_shared(workload)
    program = lower(_of_warps(sketch, rng).mod, A100)
    parts = program.source.split(BARRIER)
    assert errors(program, workload, rng) == [0, 0]
    for missing in (-1, -2):
        left = [f"{part}{BARRIER}" for part in parts]
        left[missing - 1] = parts[missing - 1]
        mutated = replace(program, source="".join(left).removesuffix(BARRIER))
        assert any(error != 0 for error in errors(mutated, workload, rng))


@needs_nvcc
@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["f16", "s8s8"])
def test_programs_compile_without_a_stack(dtype: str, rng: np.random.Generator) -> None:
    for sketch in through_shared(OPERATORS["gemm"].of((1024, 1024, 1024), dtype, weight="nk")):
        for assignment in sketch.problem.sample(4, rng):
            [used] = build(sketch.materialize(assignment).mod, A100).used
            assert (used.stack, used.spills) == (0, 0)
