"""The packing intrinsics: the same bytes, in tiles of 16 x 4."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import IRModule, Schedule, Target, te, tvm_compile
from heron_ms.intrinsics import PACK_INTRINSICS

N, K = 32, 12
LAYOUTS = pytest.mark.parametrize("layout", PACK_INTRINSICS)


def _tensorized(layout: str) -> IRModule:
    source = te.placeholder((K, N) if layout == "kn" else (N, K), "int8", name="S")

    def tile(n: Any, k: Any, lane: Any, depth: Any) -> Any:
        row, column = k * 4 + depth, n * 16 + lane
        return source[row, column] if layout == "kn" else source[column, row]

    packed = te.compute((N // 16, K // 4, 16, 4), tile, name="D")
    sch = Schedule(IRModule({"main": te.create_prim_func([source, packed])}))
    sch.tensorize(sch.get_loops(sch.get_sblock("D"))[2], PACK_INTRINSICS[layout])
    return sch.mod


def _compile(layout: str, mcpu: str) -> Any:
    return tvm_compile(_tensorized(layout), Target({"kind": "llvm", "mcpu": mcpu}))


@LAYOUTS
@pytest.mark.parametrize("mcpu", ["x86-64", "native"])
def test_it_copies_every_byte(layout: str, mcpu: str, here: Target) -> None:
    import tvm

    kernel = _compile(layout, str(here.attrs["mcpu"]) if mcpu == "native" else mcpu)
    weight = np.random.default_rng(0).integers(-128, 128, (K, N)).astype("int8")
    packed = tvm.runtime.tensor(np.full((N // 16, K // 4, 16, 4), 99, np.int8))
    source = weight if layout == "kn" else np.ascontiguousarray(weight.T)
    kernel(tvm.runtime.tensor(source), packed)
    expected = weight.reshape(K // 4, 4, N // 16, 16).transpose(2, 0, 3, 1)
    np.testing.assert_array_equal(packed.numpy(), expected)


@LAYOUTS
def test_it_shuffles_whole_vectors(layout: str) -> None:
    assembly = _compile(layout, "cascadelake").mod.inspect_source("asm")
    assert "xmm" in assembly or "zmm" in assembly
