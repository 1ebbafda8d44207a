"""An accelerator as data: memory levels with an energy per word, and an array of units.

Level 0 is the innermost memory, one bank beside every multiplier; the last one is DRAM. An array
belongs to a level: its spatial loops run over units that each have a bank of that level.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from heron_ms.interstellar.errors import demand, positive

SYSTOLIC, BUS = "systolic", "bus"


@dataclass(frozen=True)
class Level:
    """One level of memory.

    name: how it is printed; scope: TVM's storage scope of a buffer kept there.
    capacity: bytes of one bank. energy: pJ for one word read or written.
    words_per_cycle: what one bank delivers in a clock cycle; None for no limit.

    Raises `ModelError`, naming the level and the field, for a number that makes no sense.
    """

    name: str
    scope: str
    capacity: int
    energy: float
    words_per_cycle: float | None = None

    def __post_init__(self) -> None:
        where = f"memory level {self.name!r}"
        positive(self.capacity, f"{where}: capacity")
        demand(self.energy >= 0, f"{where}: energy is {self.energy!r}, not a cost of zero or more")
        bandwidth = self.words_per_cycle
        demand(bandwidth is None or bandwidth > 0, f"{where}: words_per_cycle must be above zero")


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


@dataclass(frozen=True)
class Accelerator:
    """A machine that the model evaluates.

    levels: innermost first. arrays: at most one a level, by ascending level.
    precision: bits of a word. mac_energy: pJ of a multiplication with its addition; the published
    tool leaves it out, so energies report it apart. mac_registers: words beside a multiplier; with
    none, each of its operands is a read of level 0. utilization: the least share of units that a
    dataflow may use. replication: whether two loops may share a dimension of the array.
    gigahertz: the clock; latencies are cycles until they are turned into seconds.
    """

    name: str
    levels: tuple[Level, ...]
    arrays: tuple[Array, ...] = ()
    precision: int = 16
    mac_energy: float = 0.0
    mac_registers: int = 0
    utilization: float = 0.75
    replication: bool = True
    gigahertz: float = 1.0
    source: str = ""

    def __post_init__(self) -> None:
        where = f"machine {self.name!r}"
        demand(len(self.levels) >= 2, f"{where}: mem_levels must be at least 2")
        positive(self.precision, f"{where}: precision")
        demand(self.mac_energy >= 0, f"{where}: mac_energy is below zero")
        demand(0 <= self.utilization <= 1, f"{where}: utilization_threshold is not within 0 and 1")
        demand(self.gigahertz > 0, f"{where}: gigahertz must be above zero")
        at = [array.level for array in self.arrays]
        demand(at == sorted(set(at)), f"{where}: two arrays at one level")
        outermost = len(self.levels) - 1
        demand(all(0 <= each < outermost for each in at), f"{where}: an array at the last level")

    @property
    def units(self) -> int:
        """All multipliers."""
        return prod(array.units for array in self.arrays)

    def array(self, level: int) -> Array | None:
        """The array whose units have a bank of a level each."""
        return next((array for array in self.arrays if array.level == level), None)

    def words(self, level: int) -> int:
        """Words that a bank of a level holds."""
        return self.levels[level].capacity * 8 // self.precision

    def banks(self, level: int) -> int:
        """Banks of a level that work side by side."""
        return prod(array.units for array in self.arrays if array.level >= level)
