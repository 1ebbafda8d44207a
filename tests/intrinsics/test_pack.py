"""The packing intrinsics: the same elements, in the tiles of another intrinsic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import Target, tvm_compile
from heron_ms.intrinsics import INTRINSICS, PACK_INTRINSICS
from heron_ms.intrinsics.pack import PACKINGS, Packing
from heron_ms.intrinsics.probe_pack import PackProbe

EVERY = pytest.mark.parametrize("packing", PACKINGS.values(), ids=PACKINGS)


def _compile(packing: Packing, mcpu: str) -> Any:
    return tvm_compile(PackProbe(packing).tensorized(), Target({"kind": "llvm", "mcpu": mcpu}))


@EVERY
@pytest.mark.parametrize("mcpu", ["x86-64", "native"])
def test_it_copies_every_element(packing: Packing, mcpu: str, here: Target) -> None:
    import tvm

    kernel = _compile(packing, str(here.attrs["mcpu"]) if mcpu == "native" else mcpu)
    probe = PackProbe(packing)
    weight = probe.random_input(np.random.default_rng(0))
    expected = probe.reference(weight)
    packed = tvm.runtime.tensor(np.zeros_like(expected))
    kernel(tvm.runtime.tensor(weight), packed)
    np.testing.assert_array_equal(packed.numpy(), expected)


@EVERY
def test_bits_stay_as_they_are(packing: Packing, here: Target) -> None:
    """Numbers that are none, negative zeros and subnormal ones too."""
    import tvm

    probe = PackProbe(packing)
    bits = np.random.default_rng(0).integers(0, 256, probe.random_input(_rng()).nbytes, np.uint8)
    weight = bits.view(probe.random_input(_rng()).dtype).reshape(probe.shape)
    expected = probe.reference(weight)
    packed = tvm.runtime.tensor(np.zeros_like(expected))
    tvm_compile(probe.tensorized(), here)(tvm.runtime.tensor(weight), packed)
    assert packed.numpy().tobytes() == expected.tobytes()


def _rng() -> np.random.Generator:
    return np.random.default_rng(0)


@EVERY
def test_it_shuffles_whole_vectors(packing: Packing) -> None:
    assembly = _compile(packing, "cascadelake").mod.inspect_source("asm")
    assert any(register in assembly for register in ("xmm", "ymm", "zmm"))


def test_who_is_packed_by_whom() -> None:
    for name in ("vnni.u8s8s32.16x4", "avx512bw.s8s8s32.16x4"):
        assert INTRINSICS[name].pack == PACK_INTRINSICS
    for intrinsic in (one for one in INTRINSICS.values() if one.assembled):
        assert set(intrinsic.pack.values()) <= set(PACKINGS)
        for layout, name in intrinsic.pack.items():
            packing = PACKINGS[name]
            assert packing.layout == layout and packing.dtype == intrinsic.b_dtype
            assert (packing.lanes, packing.depth) == (intrinsic.lanes, intrinsic.depth)
