"""How the loops of a product are tiled for a machine (the paper's multi-level SSRSRS), as data.

A structure is a list of levels, outermost first. At each level every axis of one kind has a loop:
"S" the spatial axes, "R" the reductions. What a schedule was made by is read back from its trace,
where MetaSchedule's own annotation has the kinds of the levels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from heron_ms.hardware.checks import demand

ANNOTATION = "meta_schedule.tiling_structure"
"""Annotates the tiled block with the kinds of its levels, as "SSRSRS"; MetaSchedule's name."""

SPATIAL, REDUCTION = "S", "R"
UNROLL = "unroll"
BINDINGS = ("", "parallel", UNROLL, "vthread")
"""What a level's loops become beside threads of a GPU ("blockIdx.x", "threadIdx.y", ...)."""


@dataclass(frozen=True)
class Level:
    """One level of tiling.

    axes: "S" or "R". binding: what its loops are fused into and become; "" for plain loops.
    holds: for operands ("A", "B", "C") the memory, by name, that one is copied to inside of this
    level's loops (C: accumulated in and written back from).
    may_hold: those that may be copied there, which is a choice between sketches.

    Raises `TargetError` for another kind of axes, binding or operand.
    """

    axes: str
    binding: str = ""
    holds: Mapping[str, str] = field(default_factory=dict, hash=False)
    may_hold: str = ""

    def __post_init__(self) -> None:
        demand(self.axes in (SPATIAL, REDUCTION), f"level: axes {self.axes!r} are not S or R")
        demand(isinstance(self.holds, Mapping), f"level: holds {self.holds!r} is no table")
        bound = self.binding in BINDINGS or self.binding.startswith(("blockIdx.", "threadIdx."))
        demand(bound, f"level: nothing binds to {self.binding!r}")
        for operand in (*self.holds, *self.may_hold):
            demand(operand in ("A", "B", "C"), f"level: {operand!r} is no operand: use A, B or C")


Structure = tuple[Level, ...]


@dataclass(frozen=True)
class Tiling:
    """How a product is tiled for one kind of unit.

    tallest: rows of the innermost tile at most. widest: tiles of lanes beside each other in it.
    panel: bytes of the factors that tiles may go through again and again; a reduction of more is
    summed up in blocks in some sketches. None: in no sketch.
    """

    structure: Structure
    tallest: int
    widest: int
    panel: int | None = None


def check_structure(structure: Structure) -> None:
    """Raise `TargetError` for one that no product can be tiled by; the empty one is none."""
    kinds = word(structure)
    demand({*kinds} in (set(), {SPATIAL, REDUCTION}), f"structure {kinds!r}: S and R are needed")
    held = [at for at, level in enumerate(structure) if "C" in level.holds]
    around = not structure or (len(held) == 1 and REDUCTION not in kinds[: held[0] + 1])
    demand(around, f"structure {kinds!r}: C is held once, at a level around all reductions")


def word(structure: Structure) -> str:
    """The kinds of the levels, such as "SSRSRS"."""
    return "".join(level.axes for level in structure)


def positions(kinds: str, axes: str) -> tuple[int, ...]:
    """The levels of a word at which one kind of axes has its loops."""
    return tuple(at for at, kind in enumerate(kinds) if kind == axes)
