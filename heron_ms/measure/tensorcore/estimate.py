"""An estimate of the time of a kernel, from what it does and what it takes; nothing is measured.

The time of a wave of blocks is that of the slowest of what works side by side (TensorCores, shared
memory, L2, DRAM), and of the copies that a loop of few stages has to wait for. It is a bound more
than a prediction: published kernels of the A100 took 1.4 to 3.8 times what such a model says.
"""

from __future__ import annotations

from math import ceil

from heron_ms.hardware.tensorcore import TensorCore
from heron_ms.measure.tensorcore.lowering import Kernel
from heron_ms.measure.tensorcore.toolchain import Resources
from heron_ms.measure.tensorcore.work import Work

LAUNCH = 4e-6
"""Seconds to launch a kernel and to fill its pipeline; assumed."""
FOLLOWING = 1e-6
"""Seconds between the end of a kernel and the work of one that was launched behind it.

A kernel of 2.9 microseconds took 3.8 where twenty were launched one behind the other on a V100, and
3.4 in a graph of them (NVIDIA, Getting Started with CUDA Graphs, 2019); rounded.
"""
LATENCY = 600
"""Cycles until a copy from memory has come; as microbenchmarks report, rounded."""
_LDMATRIX = 512


def occupancy(machine: TensorCore, kernel: Kernel, used: Resources) -> int:
    """Blocks that a multiprocessor holds at once; 0 where not even one fits."""
    threads = kernel.threads[0] * kernel.threads[1] * kernel.threads[2]
    limits = machine.limits
    by_registers = limits["registers"] // (threads * max(1, used.registers))
    by_shared = limits["shared"] // max(1, kernel.shared + used.shared + machine.reserved)
    return min(by_registers, by_shared, limits["threads"] // threads, limits["blocks"])


def launching(kernels: int) -> float:
    """Seconds that it takes to launch some kernels one behind the other, beside their work."""
    return LAUNCH + FOLLOWING * (kernels - 1)


def working(
    machine: TensorCore, kernel: Kernel, work: Work, used: Resources, operations: int
) -> float:
    """An estimate of the seconds of a kernel that was launched; infinite where nothing fits.

    operations: of one mma instruction.
    """
    resident = occupancy(machine, kernel, used)
    if not resident:
        return float("inf")
    waves = ceil(work.blocks / (machine.multiprocessors * resident))
    beside = min(resident, ceil(work.blocks / machine.multiprocessors))
    busy = min(1.0, beside * work.warps / 4)
    cores = work.multiplications * operations / machine.tensor_flops / busy
    through_shared = work.loads * _LDMATRIX + work.filled + 2 * work.passed
    shared = through_shared / (4 * _words(machine, "shared"))
    waits = work.turns * LATENCY / max(1, work.stages - 1)
    wave = max(beside * cores, beside * shared, waits)
    moved = work.blocks * (work.filled + work.read + work.touched) / machine.bandwidth("L2")
    written = work.blocks * work.written / machine.bandwidth("DRAM")
    return max(waves * wave / machine.hertz, moved, written)


def _words(machine: TensorCore, memory: str) -> float:
    return machine.bandwidth(memory) / 4 / machine.hertz
