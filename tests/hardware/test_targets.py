"""From targets to machines; a CPU never gets the intrinsics of another."""

from __future__ import annotations

from typing import Any

import pytest

from heron_ms.errors import TargetError
from heron_ms.hardware import Machine, for_target, host, machine


def _kinds(machine: Machine) -> set[str]:
    """What its intrinsics are made of."""
    return {name.split(".")[0] for name in machine.intrinsics}


def _both(target: dict[str, Any]) -> Any:
    """The machine of a dict, after a check that its Target gives the same."""
    from tvm.target import Target

    described = for_target(target)
    assert for_target(Target(target)) == described
    return described


def test_the_hosts_mcpu_is_the_host() -> None:
    assert _both(host().target()) is not None
    assert _both(host().target()).name == "host"
    assert _both(host().target(1)) == host().with_cores(1)


@pytest.mark.parametrize("name", ["cascadelake", "haswell", "alderlake", "znver4"])
def test_a_described_mcpu(name: str) -> None:
    if host().mcpu == name:
        pytest.skip(f"this CPU is a {name}, so its own description comes first")
    assert _both({"kind": "llvm", "mcpu": name}) == machine(name)
    assert _both({"kind": "llvm", "mcpu": name, "num-cores": 3}) == machine(name).with_cores(3)


def test_any_other_mcpu_is_described_by_llvm() -> None:
    found = _both({"kind": "llvm", "mcpu": "icelake-server", "num-cores": 4})
    assert (found.name, found.cores, found.vector_bytes) == ("icelake-server", 4, 64)
    assert found.intrinsics[0] == "vnni.u8s8s32.16x4"
    assert found.memory("L1").source.startswith("assumed")


@pytest.mark.parametrize(
    ("mcpu", "vector_bytes", "kinds"),
    [
        ("skylake-avx512", 64, {"avx512bw", "avx2", "avx512f", "fma"}),
        ("icelake-server", 64, {"vnni", "avx512bw", "avx2", "avx512f", "fma"}),
        ("alderlake", 32, {"avxvnni", "avx2", "fma"}),
        ("znver3", 32, {"avx2", "fma"}),
        ("sandybridge", 32, set()),
        ("x86-64", 16, set()),
        ("nonsense", 16, set()),
    ],
)
def test_intrinsics_are_those_of_the_cpu(mcpu: str, vector_bytes: int, kinds: set[str]) -> None:
    if host().mcpu == mcpu:
        pytest.skip(f"this CPU is a {mcpu}, so its own description comes first")
    found = _both({"kind": "llvm", "mcpu": mcpu, "num-cores": 2})
    assert _kinds(found) == kinds
    assert found.vector_bytes == vector_bytes


def test_no_mcpu_at_all() -> None:
    found = _both({"kind": "llvm"})
    assert (found.intrinsics, found.cores) == ((), 1)


def test_another_architecture() -> None:
    arm = {"kind": "llvm", "mtriple": "aarch64-linux-gnu"}
    assert _both({**arm, "mcpu": "neoverse-n1"}) == machine("neoverse-n1")
    found = _both({**arm, "mcpu": "neoverse-n2"})
    assert (found.vector_bytes, found.vector_registers) == (16, 32)
    assert _kinds(found) == {"i8mm", "dotprod", "neon"}
    assert found.target()["mtriple"] == "aarch64-linux-gnu"


def test_32_bit_arm() -> None:
    found = _both({"kind": "llvm", "mtriple": "armv8a-linux-gnueabihf", "mcpu": "cortex-a55"})
    assert found.has("dotprod") and found.intrinsics == ()


def test_attributes_add_and_remove_features() -> None:
    added = {"kind": "llvm", "mcpu": "skylake-avx512", "mattr": ["+avx512vnni"]}
    removed = {"kind": "llvm", "mcpu": "cascadelake", "mattr": ["-avx512vnni"]}
    assert _both(added).intrinsics[0] == "vnni.u8s8s32.16x4"
    assert "vnni" not in _kinds(_both(removed))


def test_a_target_that_is_no_cpu() -> None:
    with pytest.raises(TargetError, match="no description of a machine .*'cuda'"):
        for_target({"kind": "cuda", "arch": "sm_80"})


def test_no_cores() -> None:
    with pytest.raises(TargetError, match="at least one core, not 0"):
        for_target({"kind": "llvm", "mcpu": "cascadelake", "num-cores": 0})
