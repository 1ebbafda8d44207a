"""A block on its way to a sketch: what is known of it, and what each rule adds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from heron_ms._tvm import LoopRV, SBlockRV, Schedule
from heron_ms.hardware import Machine
from heron_ms.hardware.memory import GLOBAL
from heron_ms.hardware.structure import REDUCTION, Tiling
from heron_ms.space_generators.choices import Choices
from heron_ms.space_generators.rules.stage import Stage
from heron_ms.tensorize import Mapping


@dataclass(frozen=True)
class Nest:
    """The loops of a tiled block, a tuple for each level of the structure.

    kinds: "S" or "R" for each level. The last loop of an unbound spatial level walks lanes.
    blocks: the loop over the blocks that a reduction is summed up in, inside of the first level,
    where there is one. factors: the sampled extents at each level, of rows before those of lanes.
    """

    kinds: str
    levels: tuple[tuple[LoopRV, ...], ...]
    factors: tuple[tuple[Any, ...], ...] = ()
    blocks: LoopRV | None = None

    @property
    def reduction(self) -> LoopRV:
        """The outermost loop of a reduction."""
        return self.levels[self.kinds.index(REDUCTION)][0]

    def inside(self, level: int) -> LoopRV:
        """The innermost loop of a level."""
        return self.levels[level][-1]

    def beside_lanes(self, level: int) -> LoopRV | None:
        """The loop around the lanes of a spatial level that is not bound, if there is one."""
        if len(self.levels[level]) > 1:
            return self.levels[level][-2]
        if level == 1 and self.blocks is not None:
            return self.blocks
        return self.inside(level - 1) if level else None


@dataclass
class Sketching:
    """The schedule of a program, in which the rules turn one block into tiles of an intrinsic.

    block: the block as far as it has come. stages: the copy of operands "A" and "B", where there
    is one. write_back: what writes back a result of another layout, where there is one. scratch:
    what writes back one that registers of their own accumulate, where something follows it.
    to_shared: what brings a result to shared memory, where it goes by way of that. sums: what adds
    up the parts of the block's sum, where it is computed in parts or in blocks.
    """

    sch: Schedule
    machine: Machine
    mapping: Mapping
    choices: Choices
    block: SBlockRV = field(init=False)
    stages: dict[str, Stage] = field(default_factory=dict)
    write_back: SBlockRV | None = None
    scratch: SBlockRV | None = None
    to_shared: SBlockRV | None = None
    sums: SBlockRV | None = None
    nest: Nest = field(init=False)

    def __post_init__(self) -> None:
        self.block = self.sch.get_sblock(self.mapping.block)

    @property
    def tiling(self) -> Tiling:
        """How the machine tiles a product by the intrinsic."""
        return self.machine.tiling(self.mapping.intrinsic.scopes["C"])

    def scope(self, operand: str) -> str:
        """TVM's scope of the memory that the structure holds an operand in."""
        holds = (level.holds.get(operand) for level in self.tiling.structure)
        name = next((memory for memory in holds if memory), None)
        return GLOBAL if name is None else self.machine.memory(name).scope

    def holding(self, operand: str) -> int:
        """The level inside of which the structure holds an operand."""
        levels = enumerate(self.tiling.structure)
        return next(at for at, level in levels if operand in level.holds)

    @property
    def loops_inside(self) -> int:
        """How many loops of the block lie inside of the level that holds C."""
        return sum(len(loops) for loops in self.nest.levels[self.holding("C") + 1 :])


Rule = Callable[[Sketching], None]
"""A space rule: it changes the schedule, and adds to what is known."""
