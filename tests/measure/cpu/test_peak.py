"""The peaks: what is compiled for them on any CPU, and what they measure where it can run."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from heron_ms.errors import TargetError
from heron_ms.hardware import cpu_named, host
from heron_ms.measure.cpu import peak
from heron_ms.measure.cpu.instruction import FMAS, PAIRS, VNNI, Instruction
from heron_ms.measure.cpu.tile_instruction import TILE, TILE_BFLOAT16, TileInstruction

PLACES = pytest.mark.parametrize(
    ("instruction", "name", "mnemonic"),
    [
        (VNNI, "cascadelake", "vpdpbusd"),
        (PAIRS[0], "skylake-avx512", "vpmaddwd"),
        (PAIRS[1], "haswell", "vpmaddwd"),
        (FMAS[0], "skylake-avx512", "vfmadd"),
        (FMAS[1], "haswell", "vfmadd"),
        (FMAS[2], "neoverse-n1", "fmla"),
    ],
    ids=lambda unit: unit if isinstance(unit, str) else unit.feature,
)
HERE = [unit for unit in (VNNI, *FMAS) if host().has(unit.feature)]
EVERY_HERE = pytest.mark.parametrize("instruction", HERE, ids=lambda unit: unit.feature)
needs_vnni = pytest.mark.skipif(not host().has(VNNI.feature), reason="this CPU has no AVX512-VNNI")
needs_pairs = pytest.mark.skipif(
    not any(host().has(pair.feature) for pair in PAIRS), reason="this CPU has no vpmaddwd"
)
needs_fma = pytest.mark.skipif(
    not any(host().has(fma.feature) for fma in FMAS), reason="this CPU has no multiply-add"
)


def _loops(assembly: str, mnemonic: str) -> list[list[str]]:
    """The mnemonics of every basic block that holds the instruction."""
    blocks = re.split(r"^\.LBB\S+:", assembly, flags=re.MULTILINE)
    mnemonics = [re.findall(r"^\t([a-z]\w*)", block, re.MULTILINE) for block in blocks]
    return [block for block in mnemonics if any(line.startswith(mnemonic) for line in block)]


@PLACES
def test_the_loop_holds_the_instruction_and_nothing_else(
    instruction: Instruction, name: str, mnemonic: str
) -> None:
    kernel = peak.compile_peak(cpu_named(name).with_cores(1), instruction)
    loops = _loops(kernel.mod.inspect_source("asm"), mnemonic)
    assert loops
    hot = max(([line.startswith(mnemonic) for line in block], block) for block in loops)[1]
    at = [place for place, line in enumerate(hot) if line.startswith(mnemonic)]
    others = [line for line in hot[at[0] : at[-1]] if not line.startswith(mnemonic)]
    assert len(at) % peak.SUMS == 0
    assert set(others) <= {"addl", "decl", "addq", "decq", "subs"}


@PLACES
def test_the_sums_stay_off_the_heap(instruction: Instruction, name: str, mnemonic: str) -> None:
    kernel = peak.compile_peak(cpu_named(name).with_cores(1), instruction)
    assert "TVMBackendAllocWorkspace@" not in kernel.mod.inspect_source("asm")


@pytest.mark.parametrize("unit", [TILE, TILE_BFLOAT16], ids=lambda unit: unit.feature)
def test_the_loop_of_tiles_holds_the_instruction_and_nothing_else(unit: TileInstruction) -> None:
    code = peak.compile_peak(cpu_named("sapphirerapids").with_cores(1), unit)
    mnemonic = unit.llvm.rpartition(".")[2]
    (hot,) = _loops(code.mod.inspect_source("asm"), mnemonic)
    at = [place for place, line in enumerate(hot) if line == mnemonic]
    assert len(at) % peak.SUMS == 0
    assert {*hot[at[0] : at[-1]]} == {mnemonic}


def test_operands_of_tiles_are_bytes_of_numbers() -> None:
    for unit in (TILE, TILE_BFLOAT16):
        for operand in unit.operands(np.random.default_rng(0)):
            # A bfloat16 is the upper half of a float32.
            upper = operand.view("uint16").astype("uint32") << 16
            numbers = operand if unit is TILE else upper.view("float32")
            assert operand.size == 2048
            assert np.isfinite(numbers).all()
            assert len({*operand}) > 100
    assert TILE.operations == 2 * TILE_BFLOAT16.operations == 2 * 16 * 16 * 64


def test_a_cpu_without_the_instruction_is_refused() -> None:
    with pytest.raises(TargetError, match="has no avx512vnni"):
        peak.vnni_peak({"kind": "llvm", "mcpu": "skylake-avx512"})
    with pytest.raises(TargetError, match="no float32 multiply-add .* none of avx512f, fma, neon"):
        peak.fma_peak({"kind": "llvm", "mcpu": "x86-64"})
    with pytest.raises(TargetError, match="'haswell' .* has no avx512f"):
        peak.compile_peak(cpu_named("haswell"), FMAS[0])


def test_a_host_without_the_instruction_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peak, "host", lambda: host().with_features({"avx2"}))
    with pytest.raises(TargetError, match="'host' .* has no avx512vnni"):
        peak.vnni_peak(cpu_named("cascadelake").target())
    with pytest.raises(TargetError, match="no float32 multiply-add"):
        peak.fma_peak(cpu_named("cascadelake").target())


@needs_fma
def test_no_threads() -> None:
    with pytest.raises(ValueError, match="at least one thread"):
        peak.fma_peak(host().target(), 0)


@EVERY_HERE
def test_it_computes(instruction: Instruction, monkeypatch: pytest.MonkeyPatch) -> None:
    import tvm

    monkeypatch.setattr(peak, "ROUNDS", 3)
    a, b = _operands(instruction)
    lanes = instruction.lanes
    start = np.arange(peak.SUMS * lanes, dtype=instruction.sum_dtype).reshape(1, -1)
    sums = tvm.runtime.tensor(start)
    kernel = peak.compile_peak(host().with_cores(1), instruction)
    kernel(tvm.runtime.tensor(a), tvm.runtime.tensor(b), sums)
    dots = (a.astype("int64") * b.astype("int64")).reshape(lanes, -1).sum(axis=1)
    expected = start.reshape(peak.SUMS, lanes) + 3 * dots
    np.testing.assert_array_equal(sums.numpy().reshape(peak.SUMS, lanes), expected)


def _operands(instruction: Instruction) -> tuple[Any, Any]:
    """Small integers, so that floats are exact; the left ones unsigned, as vpdpbusd takes them."""
    dtype, half = instruction.operand_dtype, instruction.macs // 2
    return np.arange(instruction.macs, dtype=dtype), np.arange(-half, half).astype(dtype)


@needs_vnni
@pytest.mark.vnni
def test_it_is_a_plausible_speed_measured_once() -> None:
    target = host().target()
    one = peak.vnni_peak(target)
    # One 512-bit instruction a cycle at 1 GHz is 128 GOP/s, two at 6 GHz are 1536.
    assert 100 < one < 1600
    assert peak.vnni_peak(target) == one
    assert peak.vnni_peak(target, host().cores) > 0.7 * one


@needs_fma
def test_now_is_measured_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    target = host().target()
    kept, seconds = peak.fma_peak(target), iter((0.001, 0.002))
    monkeypatch.setattr(peak, "_bursts", lambda *given: [next(seconds)])
    assert peak.fma_peak_now(target) == 2 * peak.fma_peak_now(target)
    assert peak.fma_peak(target) == kept


@needs_fma
def test_floats_are_slower_than_bytes() -> None:
    target = host().target()
    floats = peak.fma_peak(target)
    # One 128-bit instruction a cycle at 1 GHz is 8 GFLOP/s, two of 512 bits at 6 GHz are 384.
    assert 7 < floats < 400
    assert peak.fma_peak(target) == floats
    if host().has(VNNI.feature):
        assert floats < peak.vnni_peak(target)


@needs_pairs
def test_bytes_have_a_peak_without_vnni(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = next(pair for pair in PAIRS if host().has(pair.feature))
    without = host().with_features(host().features - {VNNI.feature, "amx-int8"})
    monkeypatch.setattr(peak, "host", lambda: without)
    # One 256-bit instruction a cycle at 1 GHz is 32 GOP/s, two of 512 bits at 6 GHz are 768.
    assert 30 < peak.byte_peak(host().target(1)) < 800
    assert pair.operations in (32, 64)


@needs_pairs
def test_pairs_are_multiplied_and_added(monkeypatch: pytest.MonkeyPatch) -> None:
    import tvm

    monkeypatch.setattr(peak, "ROUNDS", 1)
    pair = next(pair for pair in PAIRS if host().has(pair.feature))
    left, right = pair.operands(np.random.default_rng(1))
    start = pair.sums(1, peak.SUMS)
    sums = tvm.runtime.tensor(start)
    kernel = peak.compile_peak(host().with_cores(1), pair)
    kernel(tvm.runtime.tensor(left), tvm.runtime.tensor(right), sums)
    products = start.view("int16").reshape(peak.SUMS, -1).astype("int64") * right
    expected = products.reshape(peak.SUMS, pair.lanes, 2).sum(axis=2).astype("int32")
    np.testing.assert_array_equal(sums.numpy().reshape(peak.SUMS, -1), expected)


@pytest.mark.skipif(not host().has("amx-int8"), reason="no tile registers are permitted here")
def test_tiles_multiply_faster_than_vectors() -> None:
    target = host().target(1)
    # A tile of 32768 operations takes sixteen cycles: at 1 and 6 GHz.
    assert 1000 < peak.tile_peak(target) < 12300
    assert peak.byte_peak(target) == peak.tile_peak(target) > peak.vnni_peak(target)
