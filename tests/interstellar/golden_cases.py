"""Cases of the published tool that were run once: inputs, mappings and the energies it printed.

The facts are kept small: machines, layers and schedules are written out in `golden.json`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from heron_ms.hardware.accelerator import Accelerator
from heron_ms.interstellar.nest.layer import LOOPS, Layer
from heron_ms.interstellar.nest.mapping import Factor, Mapping
from heron_ms.interstellar.published.formats import layer_of, machine_of
from heron_ms.interstellar.published.hints import Hints, hints_of


@cache
def data() -> dict[str, Any]:
    """The file."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / "golden.json").read_text())
    return found


@dataclass(frozen=True)
class Case:
    """One run of the tool."""

    record: dict[str, Any]

    @property
    def layer(self) -> Layer:
        return layer_of(data()["layer"][self.record["layer"]])

    @property
    def machine(self) -> Accelerator:
        return machine_of(data()["arch"][self.record["arch"]], self.record["arch"])

    @property
    def hints(self) -> Hints:
        return hints_of(data()["schedule"][self.record["schedule_hint"]])

    @property
    def energy(self) -> float:
        """pJ."""
        return float(self.record["energy_pJ"])

    @property
    def level_energy(self) -> list[float]:
        """pJ of register file, array, buffer, DRAM."""
        return [float(cost) for cost in self.record["level_cost_pJ"]]

    @property
    def mapping(self) -> Mapping:
        levels = self.record["mapping_inner_to_outer"]
        return Mapping(tuple(tuple(Factor(*factor) for factor in level) for level in levels))

    @property
    def covers_exactly(self) -> bool:
        """Whether the factors make the layer and no more."""
        mapping = self.mapping
        made = {loop: 1 for loop in LOOPS}
        for level in range(3):
            for loop in LOOPS:
                made[loop] *= mapping.temporal(level, loop) * mapping.spatial(level, loop)
        return made == self.layer.extents

    def __str__(self) -> str:
        names = ("schedule_hint", "arch", "layer")
        return "-".join(str(self.record[name]) for name in names)


def cases() -> list[Case]:
    """All runs."""
    return [Case(record) for record in data()["cases"]]
