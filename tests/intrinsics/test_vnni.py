"""The VNNI intrinsics: exact at the extremes, in the assembly, and strict about strides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from heron_ms._tvm import IRModule, Schedule, Target, te, tvm_compile
from heron_ms.intrinsics import INTRINSICS, VNNI_S8, VNNI_U8, Intrinsic

BOTH = pytest.mark.parametrize(
    "intrinsic", [VNNI_U8, VNNI_S8], ids=lambda intrinsic: intrinsic.a_dtype
)


def _program(intrinsic: Intrinsic) -> IRModule:
    """C[16] += A[K] . B[K / 4, 16, 4], with K = 8."""
    a = te.placeholder((8,), intrinsic.a_dtype, name="A")
    b = te.placeholder((2, 16, 4), "int8", name="B")
    k = te.reduce_axis((0, 8), "k")

    def dot(j: Any) -> Any:
        return te.sum(a[k].astype("int32") * b[k // 4, j, k % 4].astype("int32"), axis=k)

    return IRModule({"main": te.create_prim_func([a, b, te.compute((16,), dot, name="C")])})


def _tensorized(intrinsic: Intrinsic) -> IRModule:
    sch = Schedule(_program(intrinsic))
    block = sch.get_sblock("C")
    j, k = sch.get_loops(block)
    outer, inner = sch.split(k, [None, 4])
    sch.reorder(outer, j, inner)
    sch.decompose_reduction(block, outer)
    sch.tensorize(j, intrinsic.name)
    return sch.mod


def _operands(intrinsic: Intrinsic) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Random ones, and every pairing of the extremes."""
    rng = np.random.default_rng(0)
    a_info, b_info = np.iinfo(intrinsic.a_dtype), np.iinfo("int8")
    pairs = [
        (
            rng.integers(a_info.min, a_info.max + 1, 8).astype(intrinsic.a_dtype),
            rng.integers(b_info.min, b_info.max + 1, (2, 16, 4)).astype("int8"),
        )
        for _ in range(20)
    ]
    for a in (a_info.min, a_info.max, 0, 127):
        for b in (b_info.min, b_info.max, 0):
            pairs.append((np.full(8, a, intrinsic.a_dtype), np.full((2, 16, 4), b, "int8")))
    return pairs


@BOTH
@pytest.mark.vnni
def test_it_is_exact(intrinsic: Intrinsic, here: Target) -> None:
    import tvm

    kernel = tvm_compile(_tensorized(intrinsic), here)
    for a, b in _operands(intrinsic):
        c = tvm.runtime.tensor(np.full(16, -7, np.int32))
        kernel(tvm.runtime.tensor(a), tvm.runtime.tensor(b), c)
        expected = np.einsum("ok,ojk->j", a.astype(np.int64).reshape(2, 4), b.astype(np.int64))
        np.testing.assert_array_equal(c.numpy(), expected)


@BOTH
@pytest.mark.parametrize("mcpu", ["cascadelake", "znver4"])
def test_the_instruction_is_in_the_assembly(intrinsic: Intrinsic, mcpu: str) -> None:
    kernel = tvm_compile(_tensorized(intrinsic), Target({"kind": "llvm", "mcpu": mcpu}))
    assert "vpdpbusd" in kernel.mod.inspect_source("asm")


@BOTH
def test_a_strided_weight_is_refused(intrinsic: Intrinsic) -> None:
    a = te.placeholder((4,), intrinsic.a_dtype, name="A")
    b = te.placeholder((16, 64), "int8", name="B")
    k = te.reduce_axis((0, 4), "k")

    def dot(j: Any) -> Any:
        return te.sum(a[k].astype("int32") * b[j, k].astype("int32"), axis=k)

    mod = IRModule({"main": te.create_prim_func([a, b, te.compute((16,), dot, name="C")])})
    sch = Schedule(mod)
    block = sch.get_sblock("C")
    loops = sch.get_loops(block)
    unit = sch.add_unit_loop(loops[0])
    sch.decompose_reduction(block, unit)
    with pytest.raises(Exception, match=r"[Ss]tride|does not match|not equal"):
        sch.tensorize(loops[0], intrinsic.name)
        tvm_compile(sch.mod, Target({"kind": "llvm", "mcpu": "cascadelake"}))


@BOTH
def test_what_it_accepts(intrinsic: Intrinsic) -> None:
    assert intrinsic.accepts(intrinsic.a_dtype, "int8", "int32")
    assert not intrinsic.accepts("float32", "int8", "int32")
    assert not intrinsic.accepts(intrinsic.a_dtype, "uint8", "int32")
    assert not intrinsic.accepts(intrinsic.a_dtype, "int8", "int64")


def test_they_are_found_by_name() -> None:
    from heron_ms._tvm import TensorIntrin

    for name, intrinsic in INTRINSICS.items():
        assert intrinsic.name == name
        assert TensorIntrin.get(name) is not None
