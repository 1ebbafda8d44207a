"""The running CPU, read off /proc/cpuinfo and sysfs; what they do not tell is assumed."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from functools import cache
from pathlib import Path

from heron_ms.errors import TargetError
from heron_ms.hardware.cpu.cpu import Cpu
from heron_ms.hardware.cpu.generic import (
    DEFAULT_CAPACITY,
    LINE,
    assemble,
    default_cache,
    registers_of,
)
from heron_ms.hardware.cpu.permission import permitted_features
from heron_ms.hardware.cpu.sysfs import Topology, reported_caches
from heron_ms.hardware.memory import Memory

DL_BOOST = "avx512vnni"

_CPUINFO = Path("/proc/cpuinfo")
_SYSFS = Path("/sys/devices/system/cpu")

# Where the kernel's name is not LLVM's name with an underscore or without: Linux
# arch/x86/include/asm/cpufeatures.h and arch/arm64/kernel/cpuinfo.c, LLVM X86.td and AArch64.td.
_RENAMED = {
    **{"pni": "sse3", "sse4_1": "sse4.1", "sse4_2": "sse4.2", "abm": "lzcnt", "bmi1": "bmi"},
    **{"asimd": "neon", "asimddp": "dotprod"},
}

# Without LLVM to ask: a CPU name all of whose features a CPU with this feature has.
_MCPU_BY_FEATURE = (
    ("amx-int8", "sapphirerapids"),
    ("avx512vnni", "cascadelake"),
    ("avx512bw", "skylake-avx512"),
    ("avx2", "haswell"),
)


def _affinity() -> frozenset[int]:
    if hasattr(os, "sched_getaffinity"):
        return frozenset(os.sched_getaffinity(0))
    return frozenset(range(os.cpu_count() or 1))


# Taken at import: TVM's thread pool pins the thread that first uses it, often to processor 0.
_ALLOWED = _affinity()


@cache
def host() -> Cpu:
    """The CPU this process runs on, with the cores that its affinity allowed at import."""
    features = permitted_features(cpu_flags())
    cpus = physical_cpus()
    registers, _ = registers_of(features)
    return assemble(
        name="host",
        mcpu=_mcpu(features),
        cores=len(cpus),
        features=features,
        caches=caches_of(Topology(_SYSFS), cpus[0], registers),
        source="/proc/cpuinfo and the affinity of this process",
    )


def dlboost() -> Cpu:
    """The host; raises `TargetError` if it lacks the instruction of DL Boost."""
    here = host()
    if not here.has(DL_BOOST):
        raise TargetError(
            f"target dlboost: this CPU (mcpu {here.mcpu}) has no {DL_BOOST}, so nothing can be "
            "measured here; `heron-ms explain` works with a described machine, such as "
            "`--target cascadelake`"
        )
    return here


def allowed_cpus() -> frozenset[int]:
    """The logical processors that this process was allowed at import."""
    return _ALLOWED


def physical_cpus() -> tuple[int, ...]:
    """One logical processor of each physical core that this process was allowed at import."""
    return Topology(_SYSFS).one_of_each_core(_ALLOWED)


def cpu_flags() -> frozenset[str]:
    """LLVM's names for what the running CPU says it has, be it permitted or not."""
    return features_of(_CPUINFO.read_text() if _CPUINFO.is_file() else "")


def features_of(cpuinfo: str) -> frozenset[str]:
    """LLVM's names for the flags of the first processor in a text like /proc/cpuinfo."""
    match = re.search(r"^(?:flags|Features)[ \t]*:(.*)$", cpuinfo, re.MULTILINE)
    return frozenset(_llvm_name(flag) for flag in match[1].split()) if match else frozenset()


def _llvm_name(flag: str) -> str:
    if flag.startswith("avx"):
        return flag.replace("_", "")
    if flag.startswith("amx"):
        return flag.replace("_", "-")
    return _RENAMED.get(flag, flag)


def caches_of(topology: Topology, cpu: int, registers: Memory) -> list[Memory]:
    """L1, L2 and L3 seen from a processor; a missing or implausible one is assumed."""
    reported = reported_caches(topology, cpu, LINE)
    caches: list[Memory] = []
    inner = registers
    for name in DEFAULT_CAPACITY:
        level = reported.get(name)
        inner = level if level and level.capacity >= inner.capacity else default_cache(name, inner)
        caches.append(inner)
    return caches


def _mcpu(features: Collection[str]) -> str:
    """LLVM's name of the running CPU, or of one that can do no more where LLVM is not there."""
    try:
        from tvm.target.codegen import llvm_get_system_cpu
    except ImportError:
        return next((cpu for feature, cpu in _MCPU_BY_FEATURE if feature in features), "generic")
    return str(llvm_get_system_cpu())
