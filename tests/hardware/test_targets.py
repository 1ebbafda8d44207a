"""From targets to machines; a CPU without VNNI never gets its intrinsics."""

from __future__ import annotations

from typing import Any

import pytest

from heron_ms.errors import TargetError
from heron_ms.hardware import for_target, host, machine

VNNI = ("vnni.u8s8s32.16x4", "vnni.s8s8s32.16x4")


def _both(target: dict[str, Any]) -> Any:
    """The machine of a dict, after a check that its Target gives the same."""
    from tvm.target import Target

    found = for_target(target)
    assert for_target(Target(target)) == found
    return found


def test_the_hosts_mcpu_is_the_host() -> None:
    assert _both(host().target()) is not None
    assert _both(host().target()).name == "host"
    assert _both(host().target(1)) == host().with_cores(1)


@pytest.mark.parametrize("name", ["cascadelake", "sapphirerapids", "znver4"])
def test_a_described_mcpu(name: str) -> None:
    if host().mcpu == name:
        pytest.skip(f"this CPU is a {name}, so its own description comes first")
    assert _both({"kind": "llvm", "mcpu": name}) == machine(name)
    assert _both({"kind": "llvm", "mcpu": name, "num-cores": 3}) == machine(name).with_cores(3)


def test_any_other_mcpu_is_described_by_llvm() -> None:
    found = _both({"kind": "llvm", "mcpu": "icelake-server", "num-cores": 4})
    assert (found.name, found.cores, found.vector_bytes) == ("icelake-server", 4, 64)
    assert found.intrinsics == VNNI
    assert found.level("L1").source.startswith("assumed")


@pytest.mark.parametrize(
    ("mcpu", "vector_bytes"),
    [("skylake-avx512", 64), ("alderlake", 32), ("znver3", 32), ("x86-64", 16), ("nonsense", 16)],
)
def test_no_vnni_no_intrinsics(mcpu: str, vector_bytes: int) -> None:
    found = _both({"kind": "llvm", "mcpu": mcpu, "num-cores": 2})
    assert found.intrinsics == ()
    assert found.vector_bytes == vector_bytes


def test_no_mcpu_at_all() -> None:
    found = _both({"kind": "llvm"})
    assert (found.intrinsics, found.cores) == ((), 1)


def test_another_architecture() -> None:
    found = _both({"kind": "llvm", "mtriple": "aarch64-linux-gnu", "mcpu": "neoverse-n1"})
    assert (found.vector_bytes, found.vector_registers, found.intrinsics) == (16, 32, ())


def test_attributes_add_and_remove_features() -> None:
    added = {"kind": "llvm", "mcpu": "skylake-avx512", "mattr": ["+avx512vnni"]}
    removed = {"kind": "llvm", "mcpu": "cascadelake", "mattr": ["-avx512vnni"]}
    assert _both(added).intrinsics == VNNI
    assert _both(removed).intrinsics == ()


def test_a_target_that_is_no_cpu() -> None:
    with pytest.raises(TargetError, match="no description of a machine .*'cuda'"):
        for_target({"kind": "cuda", "arch": "sm_80"})


def test_no_cores() -> None:
    with pytest.raises(TargetError, match="cores is 0"):
        for_target({"kind": "llvm", "mcpu": "cascadelake", "num-cores": 0})
