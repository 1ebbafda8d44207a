"""A CPU that heron_ms describes, as a machine of the model: registers, caches and memory.

The cores are an array at the level of the last private cache, the lanes of a vector one at the
registers, both without a cost for moving words. Energies are those of memories of the same size in
the paper's table, which ends at 1 MiB; a larger cache is assumed to cost at most half of what
memory does, which the power law of the table would soon pass. There is no measurement behind them.
Bytes a cycle are those that Intel states for its server cores: two 64-byte loads from L1 and 64
bytes from L2 a cycle (Optimization Reference Manual 248966, Skylake Server); for what all cores
share, 16 bytes from L3 and 4 from memory a core are assumed.
"""

from __future__ import annotations

from heron_ms.hardware import Cpu, Memory
from heron_ms.hardware.accelerator import Accelerator, Array
from heron_ms.hardware.energy import access_energy, other_energy

_BYTES_PER_CYCLE = {"L1": 128.0, "L2": 64.0, "L3": 16.0}
_MEMORY_BYTES_PER_CYCLE = 4.0
_MEMORY = 2**40


def cpu_accelerator(machine: Cpu, precision: int = 8, gigahertz: float = 2.5) -> Accelerator:
    """The memory hierarchy of a CPU.

    precision: bits of the operands' type, which decides the lanes (a vector register over it) and
    what a word is. gigahertz: the clock, which only turns cycles into seconds.
    """
    private = [level.name for level in machine.hierarchy if level.shared_by == 1]
    outermost = len(private) - 1
    lanes = machine.vector_bytes * 8 // precision
    levels = (
        *(_level(memory, machine, precision) for memory in machine.hierarchy),
        _memory(precision),
    )
    return Accelerator(
        name=machine.name,
        memories=levels,
        arrays=(Array(0, 1, lanes, 0.0), Array(max(1, outermost), 1, machine.cores, 0.0)),
        precision=precision,
        mac_energy=other_energy("mac") * precision / 16,
        gigahertz=gigahertz,
        source=machine.source,
    )


def _level(level: Memory, machine: Cpu, precision: int) -> Memory:
    share = precision / 16
    bandwidth = _BYTES_PER_CYCLE.get(level.name)
    return Memory(
        name=level.name,
        scope=level.scope,
        capacity=machine.share(level.name),
        energy=min(access_energy(level.capacity), other_energy("dram") / 2) * share,
        words_per_cycle=None if bandwidth is None else bandwidth * 8 / precision,
    )


def _memory(precision: int) -> Memory:
    words = _MEMORY_BYTES_PER_CYCLE * 8 / precision
    energy = other_energy("dram") * precision / 16
    return Memory("DRAM", "global", _MEMORY, energy=energy, words_per_cycle=words)
