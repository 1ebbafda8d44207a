"""What a mapping costs on a machine: energy by level and tensor, cycles, use of the array."""

from __future__ import annotations

from collections.abc import Mapping as Readable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class LevelCost:
    """One level, or the array inside it.

    words: read and written, and energy: in pJ, by tensor (or buffer). cycles: how long the banks of
    the level are busy, 0 without a limit.
    """

    name: str
    words: Readable[str, float]
    energy: Readable[str, float]
    cycles: float = 0.0

    @property
    def total(self) -> float:
        """pJ of all tensors."""
        return sum(self.energy.values())


@dataclass(frozen=True)
class Cost:
    """The outcome of the model.

    ``levels`` go outwards, an array after the level that its units have. ``energy`` leaves the
    multiplications out, as published; ``mac_energy`` has them. ``ideal_cycles`` is one step of a
    multiplication in every unit that works, ``cycles`` what the busiest level makes of it.
    """

    levels: tuple[LevelCost, ...]
    macs: int
    mac_energy: float
    ideal_cycles: int
    utilization: float
    label: str
    word_bytes: float = 2.0

    @property
    def energy(self) -> float:
        """pJ of all movement of data."""
        return sum(level.total for level in self.levels)

    @property
    def total_energy(self) -> float:
        """pJ, the multiplications included."""
        return self.energy + self.mac_energy

    @property
    def cycles(self) -> float:
        """Clock cycles, of the multiplications or of the level that holds them up."""
        return max(float(self.ideal_cycles), *(level.cycles for level in self.levels))

    @property
    def edp(self) -> float:
        """Energy times delay, pJ x cycles."""
        return self.total_energy * self.cycles

    @property
    def intensity(self) -> float:
        """Operations (two a multiplication) for each byte of the outermost memory."""
        moved = sum(self.levels[-1].words.values()) * self.word_bytes
        return 2 * self.macs / moved if moved else float("inf")

    @property
    def dominant(self) -> LevelCost:
        """The level that takes most of the energy."""
        return max(self.levels, key=lambda level: level.total)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for a JSON file: pJ, cycles, words."""
        return {
            "energy_pJ": self.energy,
            "mac_energy_pJ": self.mac_energy,
            "dataflow": self.label,
            "utilization": self.utilization,
            "ideal_cycles": self.ideal_cycles,
            "cycles": self.cycles,
            "operations_per_byte": self.intensity,
            "dominant_level": self.dominant.name,
            "levels": [
                {
                    "name": level.name,
                    "energy_pJ": level.total,
                    "energy_pJ_by_tensor": dict(level.energy),
                    "words_by_tensor": dict(level.words),
                }
                for level in self.levels
            ],
        }
