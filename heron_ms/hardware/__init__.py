"""Accelerators as data: memories, units, the structure of their tiling, intrinsics, limits.

A description loads with no device present: from a TOML file of ``data`` (`machine`, `load`), from
the running CPU (`host`), or from a TVM target (`for_target`). Importing this package loads no TVM.
The numbers become constants of the CSP.
"""

from __future__ import annotations

from heron_ms.hardware.catalogue import add, cpu_named, known_machines, load, machine
from heron_ms.hardware.cpu.asked import cpu_asked
from heron_ms.hardware.cpu.cpu import Cpu
from heron_ms.hardware.cpu.host import allowed_cpus, host, physical_cpus
from heron_ms.hardware.cpu.isa import intrinsics_of
from heron_ms.hardware.cpu.runnable import require_runnable
from heron_ms.hardware.description import Machine, Unit
from heron_ms.hardware.memory import Memory
from heron_ms.hardware.naming import resolve
from heron_ms.hardware.spelling import target_of
from heron_ms.hardware.targets import cpu_for, for_target

__all__ = [
    "Cpu",
    "Machine",
    "Memory",
    "Unit",
    "add",
    "allowed_cpus",
    "cpu_asked",
    "cpu_for",
    "cpu_named",
    "for_target",
    "host",
    "intrinsics_of",
    "known_machines",
    "load",
    "machine",
    "physical_cpus",
    "require_runnable",
    "resolve",
    "target_of",
]
