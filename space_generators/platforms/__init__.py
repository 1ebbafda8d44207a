"""Which rules a kind of machine has, in which order: one file a platform.

A platform of your own: make a `Platform` of these rules and yours, and add it to `PLATFORMS` under
the ``kind`` of your machine.
"""

from __future__ import annotations

from heron_ms.hardware import Machine
from heron_ms.space_generators.platforms.cpu import CPU
from heron_ms.space_generators.platforms.platform import Platform, RestRule
from heron_ms.space_generators.platforms.tensorcore import TENSORCORE
from heron_ms.space_generators.platforms.vta import VTA

PLATFORMS: dict[str, Platform] = {"cpu": CPU, "tensorcore": TENSORCORE, "vta": VTA}
"""The rules of each kind of machine."""


def platform_of(machine: Machine) -> Platform:
    """The rules for a machine; raises `TargetError` for a kind without."""
    machine.demand(machine.kind in PLATFORMS, f"no space rules for kind {machine.kind!r}")
    return PLATFORMS[machine.kind]


__all__ = ["PLATFORMS", "Platform", "RestRule", "platform_of"]
