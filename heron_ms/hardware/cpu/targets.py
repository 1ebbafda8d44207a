"""From the options of an LLVM target to a CPU, known or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heron_ms.hardware.catalogue import known_machines, machine
from heron_ms.hardware.cpu.cpu import Cpu
from heron_ms.hardware.cpu.generic import generic
from heron_ms.hardware.cpu.host import host


def cpu_of(attrs: Mapping[str, Any]) -> Cpu:
    """The CPU that LLVM compiles for.

    The "mcpu" decides: the host if it is the host's, else the described CPU of that name, else
    LLVM's features of it with assumed caches (and one core). "mattr" changes the features,
    "num-cores" the cores. The intrinsics follow from the features.
    """
    cpu = _by_mcpu(attrs)
    if attrs.get("mattr"):
        cpu = cpu.with_features(llvm_features(attrs))
    cores = attrs.get("num-cores")
    return cpu if cores is None else cpu.with_cores(int(cores))


def named_by_llvm(name: str) -> Cpu | None:
    """The CPU of Intel and AMD, or of Arm, that LLVM knows by a name; None if there is none."""
    from tvm.target.codegen import llvm_is_valid_cpu

    for triple in ("x86_64-linux-gnu", "aarch64-linux-gnu"):
        if llvm_is_valid_cpu(name, triple):
            return cpu_of({"kind": "llvm", "mcpu": name, "mtriple": triple})
    return None


def _by_mcpu(attrs: Mapping[str, Any]) -> Cpu:
    mcpu = str(attrs.get("mcpu", "generic"))
    if mcpu == host().mcpu:
        return host()
    described = machine(mcpu) if mcpu in known_machines() else None
    if isinstance(described, Cpu):
        return described
    return generic(mcpu, llvm_features(attrs), mtriple=_other_triple(attrs))


def _other_triple(attrs: Mapping[str, Any]) -> str:
    """The "mtriple" unless it is that of this process, which `Target` adds where there is none."""
    from tvm.target.codegen import llvm_get_system_triple

    triple = str(attrs.get("mtriple", ""))
    return "" if triple == llvm_get_system_triple() else triple


def llvm_features(attrs: Mapping[str, Any]) -> frozenset[str]:
    """What LLVM can emit for a CPU; it says on stderr if it does not know its name."""
    from tvm.target import Target
    from tvm.target.codegen import llvm_get_cpu_features

    names = ("mcpu", "mtriple", "mattr")
    options = {name: attrs[name] for name in names if name in attrs}
    return frozenset(
        str(name) for name in llvm_get_cpu_features(Target({"kind": "llvm", **options}))
    )
