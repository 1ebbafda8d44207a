"""The CPUs that benchmarks compile for, and whether this one executes what comes out."""

from __future__ import annotations

from typing import Any

from tvm.target import Target

from heron_ms.hardware import host
from heron_ms.hardware.cpu.runnable import missing_here

_ARM = {"mtriple": "aarch64-linux-gnu"}

MACHINES: dict[str, dict[str, str]] = {
    "AVX512-VNNI": {"mcpu": "cascadelake"},
    "AVX-VNNI": {"mcpu": "alderlake"},
    "AVX-512 without VNNI": {"mcpu": "skylake-avx512"},
    "AVX2": {"mcpu": "haswell"},
    "Arm dotprod": {"mcpu": "neoverse-n1", **_ARM},
    "Arm i8mm": {"mcpu": "neoverse-v1", **_ARM},
    "Arm asimd": {"mcpu": "cortex-a72", **_ARM},
}
"""What a TVM target says of each; Cortex-A72 has NEON (TVM's "asimd") and no dot product."""


def target_of(machine: str, cores: int) -> Any:
    """The TVM target of one of `MACHINES`."""
    return Target({"kind": "llvm", "num-cores": cores, **MACHINES[machine]})


def executes(target: Any) -> bool:
    """Whether this CPU has every instruction that code for a target may use."""
    return not missing_here(target)


def cpu_target(cores: int = 1) -> dict[str, Any]:
    """The running CPU as a TVM target of so many cores."""
    return {"kind": "llvm", "mcpu": host().mcpu, "num-cores": cores}
