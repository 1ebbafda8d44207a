"""The loop nest that HeronSpace documents for a tensorized block, and what a program has of it.

``parallel(o, i0, j0) | i1 j1 | k0 | i2 j2 | k1 | i3 j3`` (see `space_generators/tiling.py`), with
the staged operands and the write-back under the loops they were moved to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

from heron_ms._tvm import Schedule
from heron_ms.constraints import ConstrainedSketch
from heron_ms.sketch import sampling
from heron_ms.testing.observed import Nest, bytes_of, nests, touched

REGISTER, SWEEP, CHUNK = 7, 6, 4
"""Positions in the nest: of the register tile, of k1 and what follows, of i2 and what follows."""

VECTOR = 64
"""Bytes of the one broadcast that the register constraint counts beside the tiles."""


@dataclass(frozen=True)
class GemmNest:
    """The blocks of a scheduled GEMM; ``names`` are its axes: rows, lanes, depth."""

    names: tuple[str, str, str]
    tiles: tuple[list[int], list[int], list[int]]
    main: Nest
    others: dict[str, Nest]

    @property
    def block(self) -> str:
        """The block's own name."""
        return self.names[0].rsplit(".", 1)[0]

    def wrong_loops(self) -> Iterator[str]:
        """Every loop that is not as the decisions and the documented nest have it."""
        i, j, k = self.tiles
        wanted = [i[0] * j[0], i[1], j[1], k[0], i[2], j[2], k[1], i[3], j[3]]
        yield from _differs(self.block, self.main.extents, wanted)
        for name, nest in self.others.items():
            shared = self._shared(nest)
            if name == f"{self.block}_o_init":
                yield from _differs(name, nest.extents[shared:], [i[2], j[2], i[3], j[3]])
            elif name not in (f"{self.block}_init", "root"):
                yield from self._wrong_copy(name, nest, shared)

    def _wrong_copy(self, name: str, nest: Nest, shared: int) -> Iterator[str]:
        """A stage fills, and the write-back drains, what is touched inside their place."""
        tile = self._tile(nest, shared)
        own = nest.extents[shared:]
        if len(tile) == 4 and len(own) == 2:  # tiles of the packed weight, copied by an intrinsic
            # in either order; TVM names the loops after the dimensions that they walk
            loops = sorted(nest.loops[shared:], key=lambda each: str(each.loop_var.name))
            own = [*(int(each.extent) for each in loops), *tile[2:]]
        if len(own) == len(tile) + 1:  # the write-back's columns are split into vectors
            own = [*own[:-2], own[-2] * own[-1]]
        yield from _differs(name, own, tile)

    def _tile(self, nest: Nest, shared: int) -> list[int]:
        """The tile of a staged buffer that its user touches inside the loops that both are in."""
        buffers = [each.source for each in (*nest.block.writes, *nest.block.reads)]
        for buffer in buffers:
            for user in (self.main, *self.others.values()):
                inside = user.loops[shared:]
                for region in (*user.block.reads, *user.block.writes):
                    if user is not nest and region.source.same_as(buffer):
                        return touched(user, region, inside)
        return []

    def _shared(self, nest: Nest) -> int:
        pairs = zip(nest.loops, self.main.loops, strict=False)
        return sum(mine.loop_var.same_as(their.loop_var) for mine, their in pairs)

    def values(self) -> dict[str, int]:
        """The variables of the constraint problem, measured on the program."""
        found: dict[str, int] = {}
        for name, levels in zip(self.names, self._levels(), strict=True):
            for level in range(len(levels)):
                found[f"{name}.{level}"] = levels[level]
                found[f"{name}.{level}+"] = prod(levels[level:])
        tasks = self.main.extents[0]
        found.update({f"{self.block}.fused": tasks, f"{self.block}.tasks": tasks})
        for part in (self._copies(), self._registers(), *map(self._level, ("L1", "L2"))):
            found.update(part)
        return found

    def _levels(self) -> list[list[int]]:
        """Tile factors by the loops' extents; the fused outermost ones by what is left over."""
        _, i1, j1, k0, i2, j2, k1, i3, j3 = self.main.extents
        output = self.main.block.writes[0]
        rows, columns = touched(self.main, output, self.main.loops)[-2:]
        lanes = touched(self.main, output, ())[-1]
        return [
            [rows // (i1 * i2 * i3), i1, i2, i3],
            [columns // lanes // (j1 * j2 * j3), j1, j2, j3],
            [k0, k1],
        ]

    def _copies(self) -> dict[str, int]:
        """The dimensions of the tiles that stages fill and the write-back drains."""
        found: dict[str, int] = {}
        for name, nest in self.others.items():
            tile = _dimensions(f"{name}.ax", self._tile(nest, self._shared(nest)))
            found.update(tile)
            # A weight that is padded before it is packed: whole tiles, counted by the iterator
            # that walks them, cover the dimension.
            found.update({f"{key}.term{p}": size for key, size in tile.items() for p in range(2)})
        output = str(self.main.block.writes[0].source.name)
        # Not a dimension of the tile but the loop over its vectors.
        return {**found, f"{output}.ax1.0": self.others[output].extents[-2]}

    def _registers(self) -> dict[str, int]:
        inside = self.main.loops[REGISTER:]
        regions = (self.main.block.writes[0], self.main.block.reads[-1])
        found: dict[str, int] = {}
        for name, region in zip(("accumulators", "weights"), regions, strict=True):
            tile = touched(self.main, region, inside)
            found.update(_dimensions(f"{self.block}.{name}.dim", tile))
            found[f"{self.block}.{name}.bytes"] = bytes_of(region.source, tile)
        held = [found[f"{self.block}.{name}.bytes"] for name in ("accumulators", "weights")]
        return {**found, f"{self.block}.registers.bytes": sum(held) + VECTOR}

    def _level(self, level: str) -> dict[str, int]:
        inside = self.main.loops[SWEEP if level == "L1" else CHUNK :]
        found: dict[str, int] = {}
        total = 0
        for region in (*self.main.block.reads[1:], *self.main.block.writes):
            name = f"{self.block}.{level}.{region.source.name}"
            tile = touched(self.main, region, inside)
            found.update(_dimensions(f"{name}.dim", tile))
            found[f"{name}.bytes"] = bytes_of(region.source, tile)
            total += found[f"{name}.bytes"]
        return {**found, f"{self.block}.{level}.bytes": total}


def gemm_nest(constrained: ConstrainedSketch, sch: Schedule) -> GemmNest | None:
    """The nest of a scheduled GEMM; None where the sketch is not one of HeronSpace's."""
    tiles = [knob for knob in constrained.knobs if knob.tiles]
    if len(tiles) != 3 or len(tiles) != len(constrained.knobs):
        return None
    names = tuple(knob.variables[0].rsplit(".", 1)[0] for knob in tiles)
    others = nests(sch.mod)
    main = others.pop(f"{names[0].rsplit('.', 1)[0]}_o_update", None)
    if main is None:
        return None
    decided = [[int(x) for x in sch.trace.get_decision(inst)] for inst in sampling(sch.trace)]
    return GemmNest(
        (names[0], names[1], names[2]), (decided[0], decided[1], decided[2]), main, others
    )


def _dimensions(name: str, tile: Sequence[int]) -> dict[str, int]:
    return {f"{name}{dimension}": size for dimension, size in enumerate(tile)}


def _differs(name: str, got: list[int], wanted: list[int]) -> Iterator[str]:
    if got != wanted:
        yield f"{name} has loops of {got}, not {wanted}"
