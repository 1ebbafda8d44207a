"""The device of each kind of machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from heron_ms._tvm import Target
from heron_ms.hardware import Machine, for_target, host
from heron_ms.measure.cpu.device import CpuDevice
from heron_ms.measure.device import Device
from heron_ms.measure.tensorcore.cuda import device_of_gpu
from heron_ms.measure.vta.device import VtaDevice

DEVICES: dict[str, Callable[[Any], Device]] = {
    "cpu": CpuDevice,
    "tensorcore": device_of_gpu,
    "vta": VtaDevice,
}
"""What makes the device of a machine, by the machine's kind; a user's own is added here."""


def device_of(machine: Machine) -> Device:
    """The device that measures for a machine; raises `TargetError` for a kind without one."""
    machine.demand(machine.kind in DEVICES, f"no device for kind {machine.kind!r}")
    return DEVICES[machine.kind](machine)


def device_for(target: Target) -> Device:
    """The device that measures what is compiled for a target."""
    return device_of(for_target(target))


def on_this_cpu() -> tuple[Device, Target]:
    """One core of this CPU, for what has to be right and not fast."""
    here = host().with_cores(1)
    return device_of(here), Target(here.target())
