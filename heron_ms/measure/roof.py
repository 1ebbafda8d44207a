"""The roof of a machine, measured: what no program of it exceeds, told at the start of a run."""

from __future__ import annotations

from functools import cache

from heron_ms._tvm import Target
from heron_ms.events.bus import is_heard, tell
from heron_ms.events.kinds import PeakMeasured
from heron_ms.hardware import Cpu, Machine, for_target
from heron_ms.measure.cpu.bandwidth import memory_bandwidth
from heron_ms.measure.device import Device
from heron_ms.measure.devices import device_of


def tell_roof(target: Target, device: Device | None = None) -> None:
    """Tell the peaks of a target that runs here, measured once in the life of the process.

    Nothing is told where another device than that of this machine measures, such as a server's.
    """
    machine = for_target(target)
    if is_heard() and (device is None or device == device_of(machine)):
        tell(roof_of(machine))


@cache
def roof_of(machine: Machine) -> PeakMeasured:
    """Peaks in GOP/s and bandwidths in GB/s with all its cores; None where nothing tells.

    Raises `TargetError` for a kind of machine without a device.
    """
    device = device_of(machine)
    cache_gbs = memory_gbs = None
    if isinstance(machine, Cpu) and not device.estimates:
        # Half of it, so that what else is in the cache does not push the array out.
        second = machine.memories[min(2, len(machine.memories) - 1)]
        size = machine.share(second.name) * machine.cores // 2
        cache_gbs = memory_bandwidth(machine.cores, size) / 1e9
        memory_gbs = memory_bandwidth(machine.cores) / 1e9
    return PeakMeasured(
        int8_gops=device.peak("int8"),
        float32_gops=device.peak("float32"),
        cache_gbs=cache_gbs,
        memory_gbs=memory_gbs,
    )
