"""The peak: what is compiled for it on any CPU, and what it measures on one that has VNNI."""

from __future__ import annotations

import re

import numpy as np
import pytest

from heron_ms.errors import TargetError
from heron_ms.hardware import host, machine
from heron_ms.measure import peak

needs_vnni = pytest.mark.skipif(not host().has(peak.FEATURE), reason="this CPU has no AVX512-VNNI")


def _loops(assembly: str) -> list[list[str]]:
    """The mnemonics of every basic block that holds the instruction."""
    blocks = re.split(r"^\.LBB\S+:", assembly, flags=re.MULTILINE)
    mnemonics = [re.findall(r"^\t([a-z]\w+)", block, re.MULTILINE) for block in blocks]
    return [block for block in mnemonics if "vpdpbusd" in block]


def test_the_loop_holds_the_instruction_and_nothing_else() -> None:
    kernel = peak.compile_peak(machine("cascadelake").with_cores(1))
    loops = _loops(kernel.mod.inspect_source("asm"))
    assert loops
    hot = max(loops, key=lambda block: block.count("vpdpbusd"))
    first = hot.index("vpdpbusd")
    last = len(hot) - hot[::-1].index("vpdpbusd")
    others = [name for name in hot[first:last] if name != "vpdpbusd"]
    assert hot.count("vpdpbusd") % peak.SUMS == 0
    assert set(others) <= {"addl", "decl", "addq", "decq"}


def test_the_sums_stay_off_the_heap() -> None:
    kernel = peak.compile_peak(machine("cascadelake").with_cores(1))
    assert "TVMBackendAllocWorkspace@" not in kernel.mod.inspect_source("asm")


def test_a_cpu_without_the_instruction_is_refused() -> None:
    with pytest.raises(TargetError, match="has no avx512vnni"):
        peak.vnni_peak({"kind": "llvm", "mcpu": "skylake-avx512"})


def test_a_host_without_the_instruction_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peak, "host", lambda: host().with_features({"avx2"}))
    with pytest.raises(TargetError, match="'host' .* has no avx512vnni"):
        peak.vnni_peak(machine("cascadelake").target())


def test_no_threads() -> None:
    with pytest.raises(ValueError, match="at least one thread"):
        peak.vnni_peak(host().target(), 0)


@needs_vnni
@pytest.mark.vnni
def test_it_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    import tvm

    monkeypatch.setattr(peak, "ROUNDS", 3)
    a = np.arange(peak.MACS, dtype="int8")
    b = np.arange(-32, 32, dtype="int8")
    start = np.arange(peak.SUMS * peak.LANES, dtype="int32").reshape(1, -1)
    sums = tvm.runtime.tensor(start)
    peak.compile_peak(host().with_cores(1))(tvm.runtime.tensor(a), tvm.runtime.tensor(b), sums)
    dots = (a.astype("int32") * b).reshape(peak.LANES, 4).sum(axis=1)
    expected = start.reshape(peak.SUMS, peak.LANES) + 3 * dots
    np.testing.assert_array_equal(sums.numpy().reshape(peak.SUMS, peak.LANES), expected)


@needs_vnni
@pytest.mark.vnni
def test_it_is_a_plausible_speed_measured_once() -> None:
    target = host().target()
    one = peak.vnni_peak(target)
    # One 512-bit instruction a cycle at 1 GHz is 128 GOP/s, two at 6 GHz are 1536.
    assert 100 < one < 1600
    assert peak.vnni_peak(target) == one
    assert peak.vnni_peak(target, host().cores) > 0.7 * one
