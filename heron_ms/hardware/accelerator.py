"""An accelerator of the analytic model: memories with an energy a word, and an array of units.

Memory 0 is the innermost, one bank beside every multiplier; the last one is DRAM. An array belongs
to a memory: its spatial loops run over units that each have a bank of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from heron_ms.hardware.checks import demand, positive
from heron_ms.hardware.description import Machine

SYSTOLIC, BUS = "systolic", "bus"


@dataclass(frozen=True)
class Array:
    """Units side by side at a level: ``rows`` x ``columns``, a word moved costs ``hop`` pJ.

    mode: "systolic" (a word goes from neighbour to neighbour) or "bus" (one bus to all of them).
    """

    level: int
    rows: int
    columns: int
    hop: float
    mode: str = SYSTOLIC

    def __post_init__(self) -> None:
        where = f"array at level {self.level}"
        positive(self.rows, f"{where}: rows")
        positive(self.columns, f"{where}: columns")
        demand(self.hop >= 0, f"{where}: hop is {self.hop!r}, not a cost of zero or more")
        demand(self.mode in (SYSTOLIC, BUS), f"{where}: mode {self.mode!r} is not systolic or bus")

    @property
    def units(self) -> int:
        """How many there are."""
        return self.rows * self.columns


@dataclass(frozen=True, kw_only=True)
class Accelerator(Machine):
    """A machine that the model evaluates.

    memories: innermost first, each with an energy. arrays: at most one a memory, in their order.
    precision: bits of a word. mac_energy: pJ of a multiplication with its addition; the published
    tool leaves it out, so energies report it apart. mac_registers: words beside a multiplier; with
    none, each of its operands is a read of memory 0. utilization: the least share of units that a
    dataflow may use. replication: whether two loops may share a dimension of the array.
    gigahertz: the clock; latencies are cycles until they are turned into seconds.

    Raises `TargetError` if the description contradicts itself.
    """

    kind: ClassVar[str] = "accelerator"
    parts: ClassVar[Mapping[str, type[Any]]] = {**Machine.parts, "arrays": Array}

    arrays: tuple[Array, ...] = ()
    precision: int = 16
    mac_energy: float = 0.0
    mac_registers: int = 0
    utilization: float = 0.75
    replication: bool = True
    gigahertz: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.demand(len(self.memories) >= 2, "mem_levels must be at least 2")
        for memory in self.memories:
            self.demand(memory.energy is not None, f"memory {memory.name!r} has no energy")
        positive(self.precision, f"machine {self.name!r}: precision")
        self.demand(self.mac_energy >= 0, "mac_energy is below zero")
        within = 0 <= self.utilization <= 1
        self.demand(within, "utilization_threshold is not within 0 and 1")
        self.demand(self.gigahertz > 0, "gigahertz must be above zero")
        at = [array.level for array in self.arrays]
        self.demand(at == sorted(set(at)), "two arrays at one level")
        outermost = len(self.memories) - 1
        self.demand(all(0 <= level < outermost for level in at), "an array at the last level")

    @property
    def multipliers(self) -> int:
        """How many work side by side."""
        return prod(array.units for array in self.arrays)

    def energy(self, level: int) -> float:
        """pJ for one word of a memory."""
        return self.memories[level].energy or 0.0

    def array(self, level: int) -> Array | None:
        """The array whose units have a bank of a level each."""
        return next((array for array in self.arrays if array.level == level), None)

    def words(self, level: int) -> int:
        """Words that a bank of a level holds."""
        return self.memories[level].capacity * 8 // self.precision

    def banks(self, level: int) -> int:
        """Banks of a level that work side by side."""
        return prod(array.units for array in self.arrays if array.level >= level)
