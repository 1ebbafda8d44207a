"""What one core of this CPU does at most: its multiplications, and what each memory gives.

Beside them a kernel's speed tells what it waits for: VNNI takes two vectors from the first cache
for each multiplication, unless one stays in a register, and a weight that is read once comes at
the speed of the memory that holds it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from heron_ms.errors import TargetError
from heron_ms.hardware import Cpu
from heron_ms.measure.cpu.bandwidth import memory_bandwidth
from heron_ms.measure.cpu.peak import bfloat16_peak, fma_peak, tile_peak, vnni_peak
from scripts.bench.harness.report import Report

PEAKS: Mapping[str, Callable[[Any], float]] = {
    "products of bytes in tile registers": tile_peak,
    "products of bfloat16 in tile registers": bfloat16_peak,
    "products of bytes in vectors, VNNI": vnni_peak,
    "products of float32 in vectors": fma_peak,
}
"""In GOP/s, of a CPU's target."""


def limits(machine: Cpu) -> Report:
    """A row for each peak and each memory of this CPU; a dash where it has no such instruction."""
    target = machine.target(1)
    rows = [(what, _peak(measure, target), "GOP/s") for what, measure in PEAKS.items()]
    for memory in machine.hierarchy[1:]:
        # Half of it, so that all that is read stays there.
        speed = memory_bandwidth(1, machine.share(memory.name) // 2)
        rows.append((f"reading from {memory.name}", f"{speed / 1e9:.0f}", "GB/s"))
    rows.append(("reading from memory", f"{memory_bandwidth() / 1e9:.0f}", "GB/s"))
    return Report.of_table(("one core", "at most", "unit"), rows)


def _peak(measure: Callable[[Any], float], target: Mapping[str, Any]) -> str:
    try:
        return f"{measure(target):.0f}"
    except TargetError:
        return "–"
