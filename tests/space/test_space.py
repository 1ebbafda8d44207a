"""What HeronSpace makes of a program: its sketches, and what it does without an intrinsic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import heron_ms
from heron_ms._tvm import IRModule, Schedule, Target, Trace, ms, te
from heron_ms.hardware import cpu_named, for_target
from heron_ms.intrinsics.swapped import SUFFIX
from heron_ms.sketch import Sketch
from heron_ms.space_generators.plan import plan_of
from heron_ms.tensorize import Mapping, NoMatch, Reason
from heron_ms.workloads.gemm import WEIGHTS, Gemm


def _tensorized(sketch: Sketch) -> list[str]:
    """The intrinsics that a trace puts in."""
    kinds = [inst for inst in sketch.trace.insts if str(inst.kind.name) == "Tensorize"]
    return [str(inst.attrs[0]) for inst in kinds]


@pytest.mark.parametrize("shape", [(64, 64, 64), (500, 500, 500), (1, 17, 101), (101, 17, 33)])
@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("a_dtype", ["uint8", "int8"])
def test_every_sketch_is_tensorized(
    gemm: Callable[..., Any], dlboost: Any, shape: tuple[int, ...], weight: str, a_dtype: str
) -> None:
    sketches = heron_ms.generate_sketches(gemm(*shape, weight=weight, a_dtype=a_dtype), dlboost)
    expected = "vnni.u8s8s32.16x4" if a_dtype == "uint8" else "vnni.s8s8s32.16x4"
    assert sketches
    assert [sketch for sketch in sketches if not _uses(sketch, expected)] == []
    keys = [sketch.key() for sketch in sketches]
    assert len(set(keys)) == len(keys)


def _uses(sketch: Sketch, intrinsic: str) -> bool:
    # Rows and columns of a product of the same types may change places.
    return any(name.removesuffix(SUFFIX) == intrinsic for name in _tensorized(sketch))


def test_one_column_is_not_worth_sixteen_lanes(gemm: Callable[..., Any], dlboost: Any) -> None:
    unsigned = heron_ms.generate_sketches(gemm(17, 101, 1), dlboost)
    assert [sketch for sketch in unsigned if _tensorized(sketch)] == []
    # The rows take the lanes where the factors can be exchanged.
    for sketch in heron_ms.generate_sketches(gemm(17, 101, 1, a_dtype="int8"), dlboost):
        assert "vnni.s8s8s32.16x4" + SUFFIX in _tensorized(sketch)


@pytest.mark.parametrize(("weight", "packing"), [("kn", 2), ("nk", 2), ("packed", 1)])
def test_a_plain_weight_is_packed_by_an_intrinsic(
    gemm: Callable[..., Any], dlboost: Any, weight: str, packing: int
) -> None:
    sketches = heron_ms.generate_sketches(gemm(64, 64, 64, weight=weight), dlboost)
    assert {len(_tensorized(sketch)) for sketch in sketches} == {packing}


def test_a_prime_row_count_is_padded(gemm: Callable[..., Any], dlboost: Any) -> None:
    sketches = heron_ms.generate_sketches(gemm(101, 64, 64), dlboost)
    for sketch in sketches:
        problem = heron_ms.derive_csp(sketch, dlboost)
        assert (
            max(assignment["C.i.3"] for assignment in problem.sample(50, np.random.default_rng(0)))
            > 1
        )


def test_a_sketch_replays_from_json(gemm: Callable[..., Any], dlboost: Any) -> None:
    mod = gemm(100, 50, 33)
    for sketch in heron_ms.generate_sketches(mod, dlboost):
        copy = Schedule(mod)
        Trace.apply_json_to_schedule(sketch.trace.as_json(), copy)
        assert Sketch(mod, copy.trace).key() == sketch.key()


def _matmul(dtype: str = "float32", size: int = 64) -> IRModule:
    a, b = (te.placeholder((size, size), dtype, name=name) for name in "AB")
    k = te.reduce_axis((0, size), "k")
    c = te.compute((size, size), lambda i, j: te.sum(a[i, k] * b[k, j], axis=k), name="C")
    return IRModule({"main": te.create_prim_func([a, b, c])})


INTRINSIC_BY_CPU = {
    "haswell": ("avx2.u8s8s32.8x4", "fma.f32f32f32.8x1"),
    "skylake-avx512": ("avx512bw.u8s8s32.16x4", "avx512f.f32f32f32.16x1"),
    "cascadelake": ("vnni.u8s8s32.16x4", "avx512f.f32f32f32.16x1"),
    "alderlake": ("avxvnni.u8s8s32.8x4", "fma.f32f32f32.8x1"),
}


@pytest.mark.parametrize("mcpu", INTRINSIC_BY_CPU)
def test_every_cpu_gets_its_own_intrinsics(gemm: Callable[..., Any], mcpu: str) -> None:
    target = Target({"kind": "llvm", "mcpu": mcpu, "num-cores": 2})
    for mod, expected in zip((gemm(64, 64, 64), _matmul()), INTRINSIC_BY_CPU[mcpu], strict=True):
        sketches = heron_ms.generate_sketches(mod, target)
        assert sketches
        assert [sketch for sketch in sketches if expected not in _tensorized(sketch)] == []
        for sketch in sketches:
            assert heron_ms.derive_csp(sketch, target).is_satisfiable()


def test_without_the_instruction_stock_rules_take_over(gemm: Callable[..., Any]) -> None:
    target = Target({"kind": "llvm", "mcpu": "nehalem", "num-cores": 2})
    for mod in (gemm(64, 64, 64), _matmul()):
        ours = heron_ms.generate_sketches(mod, target)
        stock = heron_ms.generate_sketches(mod, target, "post-order-apply")
        assert [sketch.key() for sketch in ours] == [sketch.key() for sketch in stock]
        assert [sketch for sketch in ours if _tensorized(sketch)] == []
        assert all(heron_ms.derive_csp(sketch, target).is_satisfiable() for sketch in ours)


def test_a_double_has_no_intrinsic(dlboost: Any) -> None:
    sketches = heron_ms.generate_sketches(_matmul("float64"), dlboost)
    assert sketches
    assert [sketch for sketch in sketches if _tensorized(sketch)] == []


def test_the_reasons_are_there_for_every_block(gemm: Callable[..., Any], dlboost: Any) -> None:
    from heron_ms.space_generators.plan import matches

    outcomes = matches(gemm(17, 101, 1, weight="packed"), for_target(dlboost))
    assert [type(outcome) for outcome in outcomes] == [NoMatch, Mapping, NoMatch]
    assert [outcome.reason for outcome in outcomes if isinstance(outcome, NoMatch)] == [
        Reason.NO_EINSUM
    ] * 2


def test_consumers_are_computed_in_the_write_back(dlboost: Any) -> None:
    a = te.placeholder((64, 64), "uint8", name="A")
    b = te.placeholder((64, 64), "int8", name="B")
    k = te.reduce_axis((0, 64), "k")
    c = te.compute(
        (64, 64),
        lambda i, j: te.sum(a[i, k].astype("int32") * b[k, j].astype("int32"), axis=k),
        "C",
    )
    d = te.compute((64, 64), lambda i, j: c[i, j] + 3, "D")
    e = te.compute((64, 64), lambda i, j: te.max(d[i, j], 0), "E")
    mod = IRModule({"main": te.create_prim_func([a, b, e])})
    sketches = heron_ms.generate_sketches(mod, dlboost)
    for sketch in sketches:
        problem = heron_ms.derive_csp(sketch, dlboost)
        sch = heron_ms.materialize(sketch, problem.sample(1, np.random.default_rng(0))[0])
        names = [str(sch.get(block).name_hint) for block in sch.get_child_blocks(_root(sch))]
        assert "D" not in names and "E" not in names


def _root(sch: Schedule) -> Any:
    return sch.get_sblock("root")


def test_a_clone_serves_another_target(gemm: Callable[..., Any], dlboost: Any) -> None:
    space = heron_ms.HeronSpace()
    context = ms.TuneContext(
        mod=gemm(64, 64, 64), target=dlboost, space_generator=space, num_threads=1
    )
    again = ms.TuneContext(
        mod=gemm(32, 32, 32), target=dlboost, space_generator=space.clone(), num_threads=1
    )
    assert context.generate_design_space()
    assert again.generate_design_space()


@pytest.mark.vnni
def test_consumers_compute_the_right_thing(here: Any) -> None:
    import tvm

    workload = Gemm(33, 20, 48)
    a = te.placeholder((33, 20), "uint8", name="A")
    b = te.placeholder((20, 48), "int8", name="B")
    k = te.reduce_axis((0, 20), "k")
    c = te.compute(
        (33, 48),
        lambda i, j: te.sum(a[i, k].astype("int32") * b[k, j].astype("int32"), axis=k),
        "C",
    )
    d = te.compute((33, 48), lambda i, j: c[i, j] * 2 + j, "D")
    mod = IRModule({"main": te.create_prim_func([a, b, d])})
    rng = np.random.default_rng(0)
    x, y = workload.random_inputs(rng)
    expected = workload.reference(x, y) * 2 + np.arange(48)
    for sketch in heron_ms.generate_sketches(mod, here)[:4]:
        assignment = heron_ms.derive_csp(sketch, here).sample(1, rng)[0]
        kernel = tvm.compile(heron_ms.materialize(sketch, assignment).mod, here)
        out = tvm.runtime.tensor(np.full((33, 48), -7, np.int32))
        kernel(tvm.runtime.tensor(x), tvm.runtime.tensor(y), out)
        np.testing.assert_array_equal(out.numpy(), expected)


def test_a_structure_that_copies_nothing_reads_in_place(gemm: Callable[..., Any]) -> None:
    here = cpu_named("cascadelake")
    bare = replace(here, structure=tuple(replace(level, may_hold="") for level in here.structure))
    chosen = [choice for sketch in plan_of(gemm(64, 64, 64, weight="packed"), bare).sketches
              for _, choice in sketch.tensorized]  # fmt: skip
    assert [(choice.a.text, choice.b.text) for choice in chosen] == [("read in place",) * 2]
