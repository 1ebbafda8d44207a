"""The CPUs that the scripts compile for, and whether this one executes what comes out."""

from __future__ import annotations

from typing import Any

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
    from tvm.target import Target

    return Target({"kind": "llvm", "num-cores": cores, **MACHINES[machine]})


def executes(target: Any) -> bool:
    """Whether this CPU has every instruction that code for a target may use."""
    from heron_ms.hardware.cpu.runnable import missing_here

    return not missing_here(target)
