"""Every intrinsic: what it computes, the instruction it comes down to, and what it refuses."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from heron_ms._tvm import IRModule, Schedule, Target, TensorIntrin, te, tvm_compile
from heron_ms.hardware import for_target, host
from heron_ms.intrinsics import AVX512_F32, FMA_F32, INTRINSICS, NEON_F32, Intrinsic
from heron_ms.intrinsics.probe import Probe
from heron_ms.small_bytes import LARGEST

OURS = [intrinsic for intrinsic in INTRINSICS.values() if intrinsic.assembled]
FEW = (16, 14, 7, 3)
"""Rows of tiles of which there are many heights; the others are tried when there is time."""


def _marks(intrinsic: Intrinsic) -> Any:
    is_one_of_many = intrinsic.accumulators and intrinsic.rows not in FEW
    return (pytest.mark.slow,) if is_one_of_many else ()


EVERY = pytest.mark.parametrize(
    "intrinsic", [pytest.param(each, id=each.name, marks=_marks(each)) for each in OURS]
)
FLOAT32 = pytest.mark.parametrize(
    "intrinsic", [AVX512_F32, FMA_F32, NEON_F32], ids=lambda e: e.name
)

ARM = "aarch64-linux-gnu"
CPUS = {
    "amx.f16f16f32": [("graniterapids", "")],
    "amx": [("sapphirerapids", ""), ("graniterapids", "")],
    "vnni": [("cascadelake", ""), ("znver4", "")],
    "avxvnni": [("alderlake", ""), ("sierraforest", "")],
    "avx512bw": [("skylake-avx512", ""), ("znver4", "")],
    "avx2": [("haswell", ""), ("znver3", "")],
    "avx512f": [("skylake-avx512", ""), ("znver5", "")],
    "fma": [("haswell", ""), ("alderlake", "")],
    "avx512bf16": [("cooperlake", ""), ("sapphirerapids", "")],
    "neon": [("neoverse-n1", ARM), ("cortex-a72", ARM)],
    "dotprod": [("neoverse-n1", ARM), ("neoverse-v1", ARM)],
    "i8mm": [("neoverse-v1", ARM)],
}
"""CPUs that have an intrinsic, by how its name begins; the first that fits."""


def _cpus(intrinsic: Intrinsic) -> list[tuple[str, str]]:
    begins = (places for name, places in CPUS.items() if intrinsic.name.startswith(f"{name}."))
    return next(begins)


PLACES = [
    pytest.param(
        intrinsic,
        {"kind": "llvm", "mcpu": mcpu, **({"mtriple": triple} if triple else {})},
        marks=_marks(intrinsic),
    )
    for intrinsic in OURS
    for mcpu, triple in _cpus(intrinsic)
]


def _semantics(intrinsic: Intrinsic) -> str:
    """The name of an intrinsic whose implementation is its own description."""
    name = f"test.{intrinsic.name}"
    TensorIntrin.register(name, intrinsic.description, intrinsic.description, override=True)
    return name


@cache
def _kernel(name: str, semantic: bool) -> Any:
    probe = Probe(INTRINSICS[name])
    mod = probe.tensorized(_semantics(probe.intrinsic) if semantic else None)
    return tvm_compile(mod, Target(host().target(1)))


def _run(kernel: Any, probe: Probe, a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
    import tvm

    m, n, _ = probe.shape
    c = tvm.runtime.tensor(np.full((m, n), 99, probe.intrinsic.c_dtype))
    kernel(tvm.runtime.tensor(a), tvm.runtime.tensor(probe.arrange(b)), c)
    return np.asarray(c.numpy())


def _operands(probe: Probe, seed: int, extreme: bool) -> tuple[NDArray[Any], NDArray[Any]]:
    rng = np.random.default_rng(seed)
    operands = probe.random_inputs(rng)
    if not extreme or not probe.intrinsic.c_dtype.startswith("int"):
        return operands
    is_small = False, probe.intrinsic.b_is_small
    a, b = (
        rng.choice(_ends(operand.dtype, small), operand.shape).astype(operand.dtype)
        for operand, small in zip(operands, is_small, strict=True)
    )
    return a, b


def _ends(dtype: Any, small: bool) -> list[int]:
    info = np.iinfo(dtype)
    return [-LARGEST, LARGEST, 0] if small else [int(info.min), int(info.max), 0]


def _check(intrinsic: Intrinsic, semantic: bool, seed: int, extreme: bool) -> None:
    probe = Probe(intrinsic)
    a, b = _operands(probe, seed, extreme)
    output = _run(_kernel(intrinsic.name, semantic), probe, a, b).astype(np.float64)
    off = np.abs(output - probe.reference(a, b))
    assert bool((off <= probe.tolerance(a, b)).all())


@EVERY
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), extreme=st.booleans())
def test_the_description_is_a_matrix_product(
    intrinsic: Intrinsic, seed: int, extreme: bool
) -> None:
    _check(intrinsic, True, seed, extreme)


@EVERY
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), extreme=st.booleans())
def test_the_implementation_is_too(intrinsic: Intrinsic, seed: int, extreme: bool) -> None:
    missing = intrinsic.features - host().features
    if missing:
        pytest.skip(f"this CPU has no {', '.join(sorted(missing))}")
    _check(intrinsic, False, seed, extreme)


@pytest.mark.parametrize(("intrinsic", "target"), PLACES)
def test_the_instruction_is_in_the_assembly(intrinsic: Intrinsic, target: dict[str, Any]) -> None:
    machine = for_target(target)
    assert intrinsic.name in machine.intrinsics
    kernel = tvm_compile(Probe(intrinsic).tensorized(), Target(target))
    lines = kernel.mod.inspect_source("asm").splitlines()
    with_it = [line for line in lines if intrinsic.instruction in line]
    rows, columns, chunks = Probe(intrinsic).tiles
    assert len(with_it) >= rows * columns * chunks
    calls = [line for line in lines if "call" in line and "heron_ms" in line]
    assert [line for line in calls if not line.rstrip().endswith("_configure")] == []
    if not target.get("mtriple"):
        wide = "%tmm" if intrinsic.accumulators else "%zmm" if intrinsic.lanes == 16 else "%ymm"
        assert any(wide in line for line in with_it)


@EVERY
def test_what_it_accepts(intrinsic: Intrinsic) -> None:
    a, b, c = intrinsic.a_dtype, intrinsic.b_dtype, intrinsic.c_dtype
    assert intrinsic.accepts(a, b, c)
    assert not intrinsic.accepts(a, b, "int64")
    assert not intrinsic.accepts(a, "uint16", c)
    assert not intrinsic.accepts("float64", b, c)
    assert intrinsic.operations == 2 * intrinsic.rows * intrinsic.lanes * intrinsic.depth


def _gemm_f32(layout: str, lanes: int) -> IRModule:
    """C[4, 2 * lanes] = A[4, 6] x B, B plain."""
    a = te.placeholder((4, 6), "float32", name="A")
    b = te.placeholder((6, 2 * lanes) if layout == "kn" else (2 * lanes, 6), "float32", name="B")
    k = te.reduce_axis((0, 6), "k")

    def dot(i: Any, j: Any) -> Any:
        return te.sum(a[i, k] * (b[k, j] if layout == "kn" else b[j, k]), axis=k)

    return IRModule({"main": te.create_prim_func([a, b, te.compute((4, 2 * lanes), dot, "C")])})


def _tensorize_plain(intrinsic: Intrinsic, layout: str) -> IRModule:
    sch = Schedule(_gemm_f32(layout, intrinsic.lanes))
    i, j, k = sch.get_loops(sch.get_sblock("C"))
    outer, lanes = sch.split(j, [None, intrinsic.lanes])
    sch.reorder(i, outer, k, lanes)
    tile = sch.blockize(lanes)
    sch.decompose_reduction(tile, k)
    sch.tensorize(tile, intrinsic.name)
    return sch.mod


@FLOAT32
def test_a_plain_weight_needs_no_packing_in_float32(intrinsic: Intrinsic) -> None:
    import tvm

    mod = _tensorize_plain(intrinsic, "kn")
    if not intrinsic.features <= host().features:
        pytest.skip(f"this CPU has no {', '.join(sorted(intrinsic.features))}")
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal(s).astype("float32") for s in ((4, 6), (6, 2 * intrinsic.lanes)))
    c = tvm.runtime.tensor(np.zeros((4, 2 * intrinsic.lanes), np.float32))
    tvm_compile(mod, Target(host().target(1)))(tvm.runtime.tensor(a), tvm.runtime.tensor(b), c)
    np.testing.assert_allclose(c.numpy(), a @ b, rtol=1e-5, atol=1e-5)


@FLOAT32
def test_a_weight_whose_lanes_lie_apart_is_refused(intrinsic: Intrinsic) -> None:
    with pytest.raises(Exception, match="does not match|do not match|doesn't match"):
        _tensorize_plain(intrinsic, "nk")
