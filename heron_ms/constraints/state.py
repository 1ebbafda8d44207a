"""What the interpreter knows while it walks a trace; the rules read and write it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from heron_ms._tvm import (
    For,
    SBlock,
    SBlockRealize,
    SBlockRV,
    Schedule,
    Var,
    collect,
    itemsize,
    reduces,
)
from heron_ms.constraints.blocking import Blocking
from heron_ms.constraints.loops import Loop, Loops, leads_to
from heron_ms.constraints.model import Model
from heron_ms.csp import Operand
from heron_ms.csp.meaning import COPY, Meaning
from heron_ms.hardware import Machine
from heron_ms.hardware.structure import REDUCTION, SPATIAL, positions
from heron_ms.intrinsics.intrinsic import Intrinsic

_ALIGNED = "buffer_dim_align"
"""TVM's annotation of a block by `storage_align`."""


@dataclass(frozen=True)
class Knob:
    """The variables that one sampling instruction decides.

    ``candidates`` are the values of a categorical, whose decision is an index; None otherwise.
    ``tiles`` tells the factors of a tile, decided as a list, from a single number.
    """

    variables: tuple[str, ...]
    candidates: tuple[int, ...] | None = None
    tiles: bool = False


@dataclass(frozen=True)
class Tile:
    """What a moved block fills or drains of a buffer: its extents, and the bytes that these are.

    drained: whether it is moved to what fills it. root: the outermost loop around it. aligned: the
    dimension whose stride `storage_align` sets, the factor and the offset, where it does.
    """

    buffer: str
    scope: str
    extents: tuple[Operand, ...]
    itemsize: int
    bytes: Operand
    drained: bool
    root: Loop
    aligned: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class Place:
    """Where a block was moved: a loop, and whether to what makes its operand."""

    loop: Loop
    reverse: bool


@dataclass
class State:
    """What is known of a trace as far as it was walked.

    axes: for a block's name the loop of each of its iterators (None: constant). places: for a moved
    block's name where it is. footprints: by buffer and root. sampled: loops and the variables of
    their factors. structures: for a tiled block's name the kinds of its levels
    (`hardware.structure`). copies: for a scope and a root the number of places that tiles take
    turns in. parts: the names of blocks that sum up a block of a reduction by itself. blockings: of
    the tensorized blocks, where they are known. intrinsics: by the name of the block that each
    computes.
    """

    sch: Schedule
    machine: Machine
    model: Model = field(default_factory=Model)
    loops: Loops = field(init=False)
    axes: dict[str, list[Loop | None]] = field(default_factory=dict)
    knobs: list[Knob] = field(default_factory=list)
    scalars: dict[Any, str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    sampled_locations: set[Any] = field(default_factory=set)
    footprints: dict[tuple[str, Loop], Tile] = field(default_factory=dict)
    tensorized: list[SBlockRV] = field(default_factory=list)
    intrinsics: dict[str, Intrinsic] = field(default_factory=dict)
    blockings: list[Blocking] = field(default_factory=list)
    unrolled: set[Loop] = field(default_factory=set)
    structures: dict[str, str] = field(default_factory=dict)
    sampled: list[tuple[Loop, tuple[str, ...]]] = field(default_factory=list)
    copies: dict[tuple[str, Loop], Operand] = field(default_factory=dict)
    parts: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.loops = Loops(self.sch)

    def block_name(self, block: SBlockRV) -> str:
        """The name of a block, without what blockizing and decomposing append."""
        return base_name(str(self.sch.get(block).name_hint))

    def staged(
        self, buffer: Any, extents: Sequence[Operand | None], root: Loop, *, drained: bool
    ) -> None:
        """C5, PROD: the bytes of the tile of a buffer that a moved block fills or drains."""
        known = [extent for extent in extents if extent is not None]
        if len(known) == len(extents):
            name = f"{buffer.name}.bytes"
            copy = Meaning(COPY)
            size = self.model.product(name, [*known, itemsize(buffer)], "C5", meaning=copy)
            name, scope = str(buffer.name), str(buffer.scope())
            tile = Tile(name, scope, tuple(known), itemsize(buffer), size, drained, root)
            self.footprints[name, root] = tile

    def tiles(self, nest: For) -> list[Tile]:
        """What was moved to the loops of a nest."""
        loops, aligned = self.loops.within(nest), _aligned(nest)
        return [
            replace(tile, aligned=aligned.get(tile.buffer))
            for tile in self.footprints.values()
            if leads_to(tile.root, loops)
        ]

    def learn_axes(self, block: SBlockRV) -> None:
        """Remember which loop each iterator of a block is bound to, before it is split."""
        node = self.sch.get(block)
        if str(node.name_hint) in self.axes:
            return
        around = self.loops.around(block)
        for loop in around:
            self.loops.at(loop, self.block_name(block))
        axes = [
            next((self.loops.at(loop) for loop in around if loop.loop_var.same_as(value)), None)
            for value in self.bindings(block)
        ]
        for iterator, axis in zip(node.iter_vars, axes, strict=True):
            if axis is not None and reduces(iterator):
                axis.reduces = True
        self.axes[str(node.name_hint)] = axes

    def axes_of(self, node: SBlock) -> list[Loop | None]:
        """What `learn_axes` learnt of a block, also after its init was decomposed off."""
        name = str(node.name_hint)
        unknown: list[Loop | None] = []
        return self.axes.get(name) or self.axes.get(name.removesuffix("_update")) or unknown

    @property
    def levels(self) -> dict[Loop, int]:
        """The level of the tiling structure that each loop of the tiled blocks is at."""
        return {loop: at for name in self.structures for loop, at in self._levels(name)}

    def _levels(self, block: str) -> Iterator[tuple[Loop, int]]:
        for axis in self.axes.get(block, ()):
            levels = positions(self.structures[block], SPATIAL)
            if axis is not None and axis.reduces:
                levels = positions(self.structures[block], REDUCTION)
            loops = [] if axis is None else axis.children or [axis]
            if len(loops) == len(levels):
                yield from zip(loops, levels, strict=True)

    def bindings(self, block: SBlockRV) -> list[Any]:
        """The values that a block's iterators are bound to."""
        node = self.sch.get(block)
        parent = self.sch.get_sref(block).parent.stmt
        for realize in collect(parent, SBlockRealize):
            if realize.block.same_as(node):
                return [v if isinstance(v, Var) else None for v in realize.iter_values]
        return [None] * len(node.iter_vars)


def _aligned(nest: For) -> dict[str, tuple[int, int, int]]:
    """By buffer, how its rows are aligned, as TVM has it with the block that fills it."""
    settings: dict[str, tuple[int, int, int]] = {}
    for block in collect(nest, SBlock):
        for index, dimension, factor, offset in block.annotations.get(_ALIGNED, ()):
            buffer = str(block.writes[int(index)].source.name)
            settings[buffer] = int(dimension), int(factor), int(offset)
    return settings


def base_name(name: str) -> str:
    """The block's own name under the suffixes of blockize and decompose_reduction."""
    for suffix in ("_update", "_init", "_o"):
        name = name.removesuffix(suffix)
    return name
