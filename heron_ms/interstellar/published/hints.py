"""What is fixed of a mapping before the search: a dataflow, and any factor or order a user gives.

The published schedule file: ``{"schedule_hint": {loop: {"levelN": {"order": place,
"blocking_size": temporal, "partitioning_size": spatial}}}, "partition_loops": [...]}``.
"""

from __future__ import annotations

from collections.abc import Mapping as Readable
from dataclasses import dataclass, field
from math import prod
from typing import Any

from heron_ms.errors import ModelError
from heron_ms.hardware.accelerator import Accelerator
from heron_ms.interstellar.checks import demand, positive, refuse_unknown
from heron_ms.interstellar.nest.layer import LOOPS
from heron_ms.interstellar.nest.mapping import Dims

Place = tuple[int, str]
"""A level and a loop."""


@dataclass(frozen=True)
class Hints:
    """What is fixed of a mapping.

    Spatial and temporal factors and places in the order, by level and loop; and the dimensions of
    the arrays by level. Spatial factors that are not given are 1, all else is free.
    """

    spatial: Readable[Place, int] = field(default_factory=dict)
    temporal: Readable[Place, int] = field(default_factory=dict)
    order: Readable[Place, int] = field(default_factory=dict)
    dims: Readable[int, Dims] = field(default_factory=dict)

    def sides(self, level: int, loop: str) -> int:
        """The spatial factor of a loop at a level."""
        return self.spatial.get((level, loop), 1)

    def places(self, level: int) -> dict[str, int]:
        """The loops of a level whose place in the order is fixed."""
        return {loop: place for (at, loop), place in self.order.items() if at == level}

    def dimensions(self, level: int) -> Dims:
        """The dimensions of the array at a level; a loop that none was given is one of its own."""
        given = self.dims.get(level, ())
        named = {loop for dim in given for loop in dim}
        alone = [loop for loop in LOOPS if self.sides(level, loop) > 1 and loop not in named]
        return (*given, *((loop,) for loop in alone))

    def check(self, machine: Accelerator) -> None:
        """Raise `ModelError`, naming the level, where the machine has fewer levels or units."""
        for level, loop in (*self.spatial, *self.temporal, *self.order):
            there = level < len(machine.memories)
            demand(there, f"schedule: loop {loop} has level{level}, but the machine has no such")
        for level in range(len(machine.memories)):
            used = prod(n for (at, _), n in self.spatial.items() if at == level)
            array = machine.array(level)
            units = 1 if array is None else array.units
            fits = used <= units
            demand(
                fits, f"schedule: level{level} is partitioned into {used}, but has {units} units"
            )


_KNOWN = ("order", "blocking_size", "partitioning_size")


def hints_of(data: Readable[str, Any]) -> Hints:
    """The hints of a schedule file. Raises `ModelError` that names the loop and the field."""
    refuse_unknown(data, ("schedule_hint", "partition_loops"), "schedule")
    given = data.get("schedule_hint", {})
    demand(isinstance(given, dict), "schedule: schedule_hint is not an object")
    hints: dict[str, dict[Place, int]] = {name: {} for name in _KNOWN}
    for loop, levels in given.items():
        demand(loop in LOOPS, f"schedule: unknown loop {loop!r}: use {', '.join(LOOPS)}")
        demand(isinstance(levels, dict), f"schedule: loop {loop} is not an object of levels")
        for level, values in levels.items():
            _read(hints, (_level(loop, level), loop), values)
    return Hints(
        spatial=hints["partitioning_size"],
        temporal=hints["blocking_size"],
        order=hints["order"],
        dims=_dims(data.get("partition_loops")),
    )


def _read(hints: dict[str, dict[Place, int]], place: Place, values: Any) -> None:
    where = f"schedule: loop {place[1]} level{place[0]}"
    demand(isinstance(values, dict), f"{where} is not an object")
    for name, value in values.items():
        demand(name in _KNOWN, f"{where}: unknown field {name!r}: use {', '.join(_KNOWN)}")
        whole = name == "order" and value == 0
        hints[name][place] = 0 if whole else positive(value, f"{where}: {name}")


def _level(loop: str, text: str) -> int:
    number = text.removeprefix("level")
    if not text.startswith("level") or not number.isdecimal() or len(number) > 2:
        raise ModelError(
            f"schedule: loop {loop}: {text[:20]!r} is no level: use level0, level1, ..."
        )
    return int(number)


def _dims(given: Any) -> dict[int, Dims]:
    """The dimensions of the array of level 0: a list of loops, or of lists of loops."""
    if not given:
        return {}
    demand(isinstance(given, list), "schedule: partition_loops is not a list")
    dims = tuple(tuple(side) if isinstance(side, list) else (str(side),) for side in given)
    unknown = [str(loop) for dim in dims for loop in dim if loop not in LOOPS]
    demand(not unknown, f"schedule: partition_loops: unknown loop {', '.join(unknown)}")
    demand(len(dims) <= 2, f"schedule: partition_loops has {len(dims)} dimensions, arrays have two")
    loops = [loop for dim in dims for loop in dim]
    demand(len(set(loops)) == len(loops), "schedule: partition_loops names a loop twice")
    return {0: dims}
