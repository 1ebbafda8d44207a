"""Accelerators as data: memory levels, vector registers, features, intrinsics.

A description loads with no device present: from a TOML file of this folder (`machine`, `load`),
from the running CPU (`host`), or from a TVM target (`for_target`). Importing this package loads no
TVM. The numbers become constants of the CSP.
"""

from __future__ import annotations

from heron_ms.hardware.catalogue import known_machines, load, machine
from heron_ms.hardware.description import Machine, MemoryLevel, intrinsics_of
from heron_ms.hardware.host import host, physical_cpus
from heron_ms.hardware.runnable import require_runnable
from heron_ms.hardware.spelling import target_of
from heron_ms.hardware.targets import for_target

__all__ = [
    "Machine",
    "MemoryLevel",
    "for_target",
    "host",
    "intrinsics_of",
    "known_machines",
    "load",
    "machine",
    "physical_cpus",
    "require_runnable",
    "target_of",
]
