"""The loop nest that a block's tiling structure stands for, and what a program has of it.

For "SSRSRS" that is ``parallel(o, i0.., j0) | i1.. j1 | k0.. | i2.. j2 | k1.. | i3.. j3`` with
none, one or two row axes i, lanes j and any number of reductions k, the staged operands and the
write-back under the loops they were moved to. The word is read off the block, where MetaSchedule's
annotation has it; the outermost level is one fused loop. A reduction of one iteration is a loop
before k0 and no axis here. Where the word has one R, the reductions are not cut and all of their
loops are axes. Where a reduction is summed up in blocks, the loop over blocks stands inside of the
outermost level, and belongs to none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import prod
from typing import Any

from heron_ms._tvm import For, SBlock, Schedule, reduces, tirx
from heron_ms.constraints import ConstrainedSketch
from heron_ms.constraints.c4_stage import PART
from heron_ms.constraints.state import Knob
from heron_ms.csp.meaning import REDUCE
from heron_ms.hardware.structure import ANNOTATION, REDUCTION, SPATIAL, positions
from heron_ms.sketch import sampling
from heron_ms.testing.observed import Nest, nests, touched


@dataclass(frozen=True)
class Axis:
    """A tiled axis: the variable of each of its factors, and the factors decided."""

    variables: tuple[str, ...]
    factors: tuple[int, ...]

    @property
    def name(self) -> str:
        """Such as ``C.i``."""
        return self.variables[0].rsplit(".", 1)[0]


@dataclass(frozen=True)
class Served:
    """A region of a moved block, and the one of another block that it fills or drains."""

    own: Any
    user: Nest
    theirs: Any


@dataclass(frozen=True)
class TiledNest:
    """A tensorized block: its rows and lanes, its reductions, its nest, and what moved into it.

    block: its name, less what blockizing and decomposing append. kinds: of the levels of its
    tiling, "S" or "R", outermost first. blocks: the reduction that is summed up in blocks, if one
    is, as the number of blocks and the length of one.
    """

    block: str
    spatial: tuple[Axis, ...]
    reductions: tuple[Axis, ...]
    main: Nest
    moved: dict[str, Nest]
    kinds: str
    blocks: Axis | None = None

    @property
    def named(self) -> str:
        """What its axes are named after: the block that it is of the program, less the ``_rf``."""
        return self.block.removesuffix(PART) if self.blocks else self.block

    @property
    def walks(self) -> int:
        """The position of the first loop inside of a task and of a block of the reduction."""
        return 2 if self.blocks else 1

    def axes(self, level: int) -> tuple[Axis, ...]:
        """Those that have a loop at a level."""
        return self.spatial if self.kinds[level] == SPATIAL else self.reductions

    def factors(self, level: int) -> list[int]:
        """What was decided for the loops of a level."""
        nth = positions(self.kinds, self.kinds[level]).index(level)
        return [axis.factors[nth] for axis in self.axes(level)]

    def start(self, level: int) -> int:
        """The position of the first loop of a level."""
        inner = range(level, len(self.kinds))
        return len(self.main.loops) - sum(len(self.axes(inside)) for inside in inner)

    @property
    def register(self) -> int:
        """The position of the first loop of the register tile, the innermost spatial level."""
        return self.start(positions(self.kinds, SPATIAL)[-1])

    @property
    def sweep(self) -> int:
        """The position of the first loop that walks through a chunk of the reduction."""
        return self.start(positions(self.kinds, REDUCTION)[-1])

    @property
    def chunk(self) -> int:
        """The position of the first loop inside a chunk of the reduction, or else of a task."""
        if self.kinds.count(REDUCTION) == 1:
            return self.walks
        return self.start(positions(self.kinds, REDUCTION)[0] + 1)

    def wrong_loops(self) -> Iterator[str]:
        """Every loop that is not as the decisions and the documented nest have it."""
        yield from differs(self.block, self.main.extents, self._wanted())
        for name, nest in self.moved.items():
            if name == f"{self.block}_o_init":
                yield from differs(name, _long(self.own(nest)), _long(self._inside_reduction()))
            else:
                yield from self._wrong_copy(name, nest)

    def _inside_reduction(self) -> list[int]:
        """The spatial loops that a result is started by, all at once."""
        first = positions(self.kinds, REDUCTION)[0]
        inner = [level for level in positions(self.kinds, SPATIAL) if level > first]
        return [factor for level in inner for factor in self.factors(level)]

    def _wanted(self) -> list[int]:
        first = positions(self.kinds, REDUCTION)[0]
        before = [factor for level in range(1, first) for factor in self.factors(level)]
        if self.blocks:
            before.insert(0, self.blocks.factors[0])
        inner = range(first, len(self.kinds))
        behind = [factor for level in inner for factor in self.factors(level)]
        iterators = zip(self.main.block.iter_vars, self.main.iterators, strict=True)
        points = prod(
            size for iterator, size in iterators if iterator.iter_type == tirx.IterVar.DataPar
        )
        tile = prod([*before, *self._inside_reduction()])
        units = [1] * (len(self.main.loops) - len(before) - len(behind) - 1)
        return [points // tile, *before, *units, *behind]

    def _wrong_copy(self, name: str, nest: Nest) -> Iterator[str]:
        """A stage fills, and the write-back drains, what is touched inside their place, once."""
        served = self.served(nest)
        if served is None:
            yield f"{name} serves no block of the nest"
            return
        own = nest.loops[self.shared(nest) :]
        tile = touched(served.user, served.theirs, self.inside(served.user, nest))
        yield from differs(name, touched(nest, served.own, own), tile)
        steps = prod([*self.own(nest), *touched(nest, served.own, ())])
        yield from differs(name, [steps], [prod(tile)])

    def own(self, nest: Nest) -> list[int]:
        """The extents of the loops that a moved block does not share."""
        return nest.extents[self.shared(nest) :]

    def inside(self, user: Nest, nest: Nest) -> tuple[For, ...]:
        """The loops of a user that run while the loops that a moved block shares stand still."""
        return user.loops[self.shared(nest) :]

    def served(self, nest: Nest) -> Served | None:
        """What a moved block makes for another one, or drains from it."""
        for own in (*nest.block.writes, *nest.block.reads):
            for user in (self.main, *self.moved.values()):
                if user is nest or self.shared(user) < self.shared(nest):
                    continue  # what stands further out is served later
                for region in (*user.block.reads, *user.block.writes):
                    if region.source.same_as(own.source):
                        return Served(own, user, region)
        return None

    def shared(self, nest: Nest) -> int:
        """How many loops around a block are this nest's."""
        pairs = zip(nest.loops, self.main.loops, strict=False)
        return sum(mine.loop_var.same_as(their.loop_var) for mine, their in pairs)


def tiled_nests(constrained: ConstrainedSketch, sch: Schedule) -> list[TiledNest]:
    """A nest for every tensorized block; none where the sketch is not one of HeronSpace's."""
    blocks = nests(sch.mod)
    decided = [sch.trace.get_decision(inst) for inst in sampling(sch.trace)]
    if not all(knob.tiles for knob in constrained.knobs):
        return []
    groups = groupby(zip(constrained.knobs, decided, strict=True), key=lambda pair: _block(pair[0]))
    variables = constrained.problem.variables
    kinds = {known.name: known.meaning.kind for known in variables if known.meaning}
    made = [
        _tiled(block, [*map(_axis, *zip(*pairs, strict=True))], blocks, kinds)
        for block, pairs in groups
    ]
    return [nest for nest in made if nest is not None]


def wrong_rest(tiled: Sequence[TiledNest], sch: Schedule) -> Iterator[str]:
    """Blocks beside all nests whose loops do not cover the buffer that they write just once."""
    claimed = {f"{nest.block}_o_update" for nest in tiled}.union(*(nest.moved for nest in tiled))
    for name, nest in nests(sch.mod).items():
        if name not in claimed and nest.parent == "root":
            region = nest.block.writes[0]
            size = prod(int(extent) for extent in region.source.shape) * _summed(nest.block)
            yield from differs(name, [prod([*nest.extents, *touched(nest, region, ())])], [size])


def _summed(block: SBlock) -> int:
    """Iterations of a block for each element that it writes."""
    reductions = [iterator for iterator in block.iter_vars if reduces(iterator)]
    return prod(int(iterator.dom.extent) for iterator in reductions)


def differs(name: str, got: list[int], wanted: list[int]) -> Iterator[str]:
    """What is to be said where the loops of a block are others than they should be."""
    if got != wanted:
        yield f"{name} has loops of {got}, not {wanted}"


def _tiled(
    block: str, axes: list[Axis], blocks: dict[str, Nest], kinds: Mapping[str, str]
) -> TiledNest | None:
    spatial = tuple(axis for axis in axes if kinds[axis.variables[0]] != REDUCE)
    reductions = tuple(axis for axis in axes if kinds[axis.variables[0]] == REDUCE)
    name = next((n for n in (block, block + PART) if f"{n}_o_update" in blocks), None)
    if name is None:
        return None
    main, in_blocks = blocks[f"{name}_o_update"], None
    word = str(main.block.annotations[ANNOTATION])
    if word.count(REDUCTION) == 1:
        in_blocks = next(iter(reductions), None)
        reductions = _uncut(main, word, len(spatial), 1 + bool(reductions))
    nest = TiledNest(name, spatial, reductions, main, {}, word, in_blocks)
    others = {name: other for name, other in blocks.items() if other is not main}
    moved = {name: other for name, other in others.items() if nest.shared(other)}
    return replace(nest, moved=moved)


def _uncut(main: Nest, word: str, spatial: int, start: int) -> tuple[Axis, ...]:
    """The reductions of a word with one level of them, of which nothing is decided there.

    start: the position of the first loop of the second level.
    """
    at = word.index(REDUCTION)
    inner = range(start + spatial * (at - 1), len(main.loops) - spatial * (len(word) - at - 1))
    return tuple(Axis((), (main.extents[place],)) for place in inner)


def _axis(knob: Knob, decision: Sequence[int]) -> Axis:
    return Axis(knob.variables, tuple(int(factor) for factor in decision))


def _block(knob: Knob) -> str:
    return knob.variables[0].split(".")[0]


def _long(extents: list[int]) -> list[int]:
    return [extent for extent in extents if extent > 1]
