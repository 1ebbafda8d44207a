"""What HeronSpace makes of a program: its sketches, and what it does without an intrinsic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import heron_ms
from heron_ms._tvm import IRModule, Schedule, Target, Trace, ms, te
from heron_ms.hardware import for_target
from heron_ms.sketch import Sketch
from heron_ms.tensorize import Match, NoMatch
from heron_ms.workloads.gemm import WEIGHTS, Gemm


def _tensorized(sketch: Sketch) -> list[str]:
    """The intrinsics that a trace puts in."""
    kinds = [each for each in sketch.trace.insts if str(each.kind.name) == "Tensorize"]
    return [str(each.attrs[0]) for each in kinds]


@pytest.mark.parametrize("shape", [(64, 64, 64), (500, 500, 500), (17, 101, 1), (1, 1, 1)])
@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("a_dtype", ["uint8", "int8"])
def test_every_sketch_is_tensorized(
    gemm: Callable[..., Any], dlboost: Any, shape: tuple[int, ...], weight: str, a_dtype: str
) -> None:
    sketches = heron_ms.generate_sketches(gemm(*shape, weight=weight, a_dtype=a_dtype), dlboost)
    expected = "vnni.u8s8s32.16x4" if a_dtype == "uint8" else "vnni.s8s8s32.16x4"
    assert sketches
    assert [each for each in sketches if expected not in _tensorized(each)] == []
    keys = [each.key() for each in sketches]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(("weight", "packing"), [("kn", 2), ("nk", 2), ("packed", 1)])
def test_a_plain_weight_is_packed_by_an_intrinsic(
    gemm: Callable[..., Any], dlboost: Any, weight: str, packing: int
) -> None:
    sketches = heron_ms.generate_sketches(gemm(64, 64, 64, weight=weight), dlboost)
    assert {len(_tensorized(each)) for each in sketches} == {packing}


def test_a_prime_row_count_is_padded(gemm: Callable[..., Any], dlboost: Any) -> None:
    sketches = heron_ms.generate_sketches(gemm(101, 64, 64), dlboost)
    for sketch in sketches:
        problem = heron_ms.derive_csp(sketch, dlboost)
        assert max(each["C.i.3"] for each in problem.sample(50, np.random.default_rng(0))) > 1


def test_a_sketch_replays_from_json(gemm: Callable[..., Any], dlboost: Any) -> None:
    mod = gemm(100, 50, 33)
    for sketch in heron_ms.generate_sketches(mod, dlboost):
        copy = Schedule(mod)
        Trace.apply_json_to_schedule(sketch.trace.as_json(), copy)
        assert Sketch(mod, copy.trace).key() == sketch.key()


@pytest.mark.parametrize("mcpu", ["haswell", "skylake-avx512"])
def test_without_the_instruction_stock_rules_take_over(gemm: Callable[..., Any], mcpu: str) -> None:
    target = Target({"kind": "llvm", "mcpu": mcpu, "num-cores": 2})
    sketches = heron_ms.generate_sketches(gemm(64, 64, 64), target)
    assert sketches
    assert [each for each in sketches if _tensorized(each)] == []
    for sketch in sketches:
        assert heron_ms.derive_csp(sketch, target).is_satisfiable()


def test_a_float_program_gets_stock_tiling(dlboost: Any) -> None:
    a, b = (te.placeholder((64, 64), "float32", name=name) for name in "AB")
    k = te.reduce_axis((0, 64), "k")
    c = te.compute((64, 64), lambda i, j: te.sum(a[i, k] * b[k, j], axis=k), name="C")
    mod = IRModule({"main": te.create_prim_func([a, b, c])})
    ours = heron_ms.generate_sketches(mod, dlboost)
    stock = heron_ms.generate_sketches(mod, dlboost, "post-order-apply")
    assert [each.key() for each in ours] == [each.key() for each in stock]


def test_the_reasons_are_there_for_every_block(gemm: Callable[..., Any], dlboost: Any) -> None:
    from heron_ms.space_generators.space import matches

    found = matches(gemm(17, 101, 1, weight="packed"), for_target(dlboost))
    assert [type(each) for each in found].count(Match) == 1
    assert [each.reason for each in found if isinstance(each, NoMatch)] == ["not an einsum"] * 2


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
        names = [str(sch.get(each).name_hint) for each in sch.get_child_blocks(_root(sch))]
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
