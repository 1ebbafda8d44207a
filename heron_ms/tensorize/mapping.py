"""A mapping: which iterators of a block each iterator of an intrinsic takes over.

Iterators that no group names stay loops outside the intrinsic. Groups of several iterators are
fused, so that the operands have to be copied to where they lie one behind the other (im2col, for a
convolution); a single iterator that lies so already needs no copy.
"""

from __future__ import annotations

from collections.abc import Mapping as Dict
from dataclasses import dataclass
from functools import cached_property
from math import prod

from heron_ms._tvm import itemsize
from heron_ms.hardware.memory import GLOBAL
from heron_ms.intrinsics import Intrinsic
from heron_ms.intrinsics.swapped import SUFFIX
from heron_ms.tensorize.einsum import DEPTH, LANES, ROWS, Einsum, Operand, Vector
from heron_ms.tensorize.layout import lies_in_place, plain_axis
from heron_ms.tensorize.padding import up
from heron_ms.tensorize.splitting import Splits

Group = tuple[int, ...]

NAMES: Dict[Vector, str] = {ROWS: "rows", LANES: "lanes", DEPTH: "depth"}

_GATHERED = 1
"""Cycles to copy an element of a window, where the copy has a loop for each iterator."""

_FUSED = 10
"""Cycles to copy an element whose place is found by dividing the number of a fused loop.

Both are rounded from first layers of int8 networks, 3 channels, on a core of 2.1 to 3 GHz, of which
the elements copied were counted: 2.3 ns (3x3) to 3.4 ns (7x7) for each with the kernel and the
channels fused, 0.4 ns where one of them is padded.
"""

_BYTES_A_CYCLE = 16
"""Of a copy whose rows stay as they are."""


def tiles_of(intrinsic: Intrinsic) -> dict[Vector, int]:
    """The intrinsic's iterators by characteristic vector, those of extent one left out."""
    shape = {ROWS: intrinsic.rows, LANES: intrinsic.lanes, DEPTH: intrinsic.depth}
    return {vector: extent for vector, extent in shape.items() if extent > 1}


@dataclass(frozen=True)
class Mapping:
    """A block and the intrinsic that can compute it.

    ``einsum`` is the block with the factors in the intrinsic's order and its iterators split as
    ``splits`` says; ``groups`` holds a group (possibly empty: padded from one) for every iterator
    of the intrinsic. ``unit`` is the characteristic vector of the first iterator where that is one
    of extent one which the block did not have (`units`). With ``gathers`` every operand is copied
    to where the intrinsic loads it from, which makes any mapping work, if at a cost.
    """

    einsum: Einsum
    intrinsic: Intrinsic
    swapped: bool
    splits: Splits
    groups: Dict[Vector, Group]
    unit: Vector | None = None
    gathers: bool = False

    @property
    def block(self) -> str:
        """The block's name."""
        return self.einsum.block

    @property
    def intrinsic_name(self) -> str:
        """What TVM knows the intrinsic by, with the factors in the program's order."""
        return self.intrinsic.name + (SUFFIX if self.swapped else "")

    @property
    def tiles(self) -> dict[Vector, int]:
        """The intrinsic's iterators, those of extent one left out."""
        return tiles_of(self.intrinsic)

    @cached_property
    def waste(self) -> float:
        """Multiplications with padding, divided by those without."""
        return prod(up(size, tile) / size for size, tile in map(self._sizes, self.tiles))

    @property
    def row_waste(self) -> float:
        """The part of `waste` that the rows' padding makes."""
        size, tile = self.size(ROWS), self.tiles.get(ROWS, 1)
        return up(size, tile) / size

    @property
    def vector_waste(self) -> float:
        """Elements of C with padding over those without, for vectors along its last dimension."""
        long = [size for extent in self.einsum.c.buffer.shape if (size := int(extent)) > 1]
        return up(long[-1], self.intrinsic.lanes) / long[-1] if long else 1.0

    @property
    def loads_b_once(self) -> bool:
        """Whether one tile has all rows, and B is loaded from where it lies."""
        return self.rows <= self.tiles.get(ROWS, 1) and self._grown(self.einsum.b) == 0

    @cached_property
    def rows(self) -> int:
        """How often each element of B is used."""
        return prod(axis.extent for p, axis in enumerate(self.einsum.axes) if self._is_row(p))

    @property
    def pads_b(self) -> bool:
        """Whether B is copied to be padded."""
        return any(self.size(v) < self._padded(v) for v in self._vectors(self.einsum.b))

    @cached_property
    def overhead(self) -> float:
        """`waste`, and what operands grow by when they are gathered, in multiplications.

        An element that a gathering copy adds costs as much as a vector instruction's part of a
        multiplication, of which the intrinsic does ``depth`` at once.
        """
        grown = self._grown(self.einsum.a) + self._grown(self.einsum.b)
        return self.waste + self.intrinsic.depth * grown / prod(self.einsum.extents)

    @cached_property
    def effort(self) -> float:
        """`waste`, and the time of the copies that its iterators ask for, as `waste` is."""
        return self.waste + self.intrinsic.rate * self._copy_cycles / prod(self.einsum.extents)

    @property
    def _copy_cycles(self) -> float:
        """Of the copies that mappings of one intrinsic differ in.

        Operands of dot products are packed whatever their iterators are: only what is gathered
        counts, and what registers of their own could load from where it lies. An element of floats
        is copied in another order in about a cycle. Other matrix instructions cannot do without.
        """
        intrinsic = self.intrinsic
        if intrinsic.depth == 1:
            return self.reordered
        if intrinsic.rows > 1 and not intrinsic.accumulators and not intrinsic.takes_elements:
            return 0
        gathered = self._copying(self.einsum.a) + self._copying(self.einsum.b)
        moved = self.copied.get("A", 0) + self.copied.get("C", 0)
        return gathered + (moved / _BYTES_A_CYCLE if intrinsic.accumulators else 0)

    @cached_property
    def copied(self) -> dict[str, int]:
        """Bytes of each operand that has to be copied to be loaded by the intrinsic."""
        operands = {"A": self.einsum.a, "B": self.einsum.b, "C": self.einsum.c}
        return {
            name: self._copy(operand)
            for name, operand in operands.items()
            if not self._in_place(operand)
        }

    @cached_property
    def reordered(self) -> int:
        """Elements of the operands that are copied in another order, not just padded."""
        operands = (self.einsum.a, self.einsum.b, self.einsum.c)
        return sum(self._gathered(operand) for operand in operands if self._reorders(operand))

    @property
    def is_gathered(self) -> bool:
        """Whether operands are copied: an iterator takes over several of the block, or none."""
        several = any(len(group) != 1 for group in self.groups.values())
        return self.gathers or several or self._scatters

    @cached_property
    def _scatters(self) -> bool:
        """Whether the rows of a tile do not lie beside its lanes where a memory has whole tiles.

        Tiles of windows share rows, and rows of C that are images lie apart. Registers of their own
        hold tiles of C alone, and load the rows of A from wherever they lie.
        """
        takes_elements, rows = self.intrinsic.takes_elements, self.groups.get(ROWS, ())
        if len(rows) != 1 or self.intrinsic.scopes["C"] == GLOBAL:
            return False
        held = [plain_axis(self.einsum, at) for at in self.einsum.c.indices]
        beside = [axis for axis in held if axis not in self.groups[LANES]][-1:]
        loaded = [plain_axis(self.einsum, at) for at in self.einsum.a.indices]
        return beside != [*rows] or (takes_elements and rows[0] not in loaded)

    @property
    def is_rearranged(self) -> bool:
        """Whether the block gets other iterators: gathered ones, or its own in another order."""
        # TVM compares a tile's iterators with the intrinsic's in the order of the block's.
        tiled = [group[0] for group in self.groups.values() if group]
        return self.is_gathered or tiled != sorted(tiled)

    @cached_property
    def loops(self) -> tuple[Group, ...]:
        """The iterators of the block once split and fused, each as those that it was made of."""
        if self.is_rearranged:
            return (*((p,) for p in self.outside()), *self.groups.values())
        return tuple((p,) for p in range(len(self.einsum.axes)))

    @cached_property
    def extents(self) -> tuple[int, ...]:
        """The extents of `loops`."""
        return tuple(prod(self.einsum.axes[p].extent for p in loop) for loop in self.loops)

    def loop(self, vector: Vector) -> int:
        """The position in `loops` of what an iterator of the intrinsic takes over."""
        if self.is_rearranged:
            return len(self.outside()) + list(self.groups).index(vector)
        return self.groups[vector][0]

    def in_place(self, name: str) -> bool:
        """Whether the intrinsic can load operand "A", "B" or "C" from where it lies."""
        return name not in self.copied

    def size(self, vector: Vector) -> int:
        """The extent of a group, unpadded."""
        return prod(self.einsum.axes[p].extent for p in self.groups.get(vector, ()))

    def outside(self) -> Group:
        """The iterators left as loops."""
        taken = {p for group in self.groups.values() for p in group}
        return tuple(p for p in range(len(self.einsum.axes)) if p not in taken)

    def _sizes(self, vector: Vector) -> tuple[int, int]:
        return self.size(vector), self.tiles[vector]

    def _padded(self, vector: Vector) -> int:
        return up(self.size(vector), self.tiles[vector])

    def _vectors(self, operand: Operand) -> list[Vector]:
        """The intrinsic's iterators of an operand, outermost first."""
        parts = {id(self.einsum.a): (ROWS, DEPTH), id(self.einsum.b): (LANES, DEPTH)}
        return [v for v in parts.get(id(operand), (ROWS, LANES)) if v in self.tiles]

    def _is_laid_out(self, operand: Operand) -> bool:
        """Whether an iterator of the block by itself, unpadded, counts what the intrinsic loads."""
        indexed = [plain_axis(self.einsum, index) for index in operand.indices]
        groups = {vector: self.groups[vector] for vector in self._vectors(operand)}
        return all(
            len(group) == 1 and self.size(vector) == self._padded(vector) and group[0] in indexed
            for vector, group in groups.items()
        )

    def _in_place(self, operand: Operand) -> bool:
        padded = any(self.size(v) != self._padded(v) for v in self._vectors(operand))
        return not padded and not self._reorders(operand)

    def _reorders(self, operand: Operand) -> bool:
        vectors = self._vectors(operand)
        if any(len(self.groups[vector]) != 1 for vector in vectors):
            return True
        if operand is self.einsum.a and self._scatters:
            return True
        tiles = [(self.groups[vector][0], self.tiles[vector]) for vector in vectors]
        if operand is self.einsum.b:
            group = self.intrinsic.group if self.intrinsic.b_layout == "knk" else 0
            return not lies_in_place(self.einsum, operand, tiles, group=group)
        strided = self.intrinsic.accumulators > 0 or self.intrinsic.takes_elements
        return not lies_in_place(self.einsum, operand, tiles, strided=strided)

    def _copy(self, operand: Operand) -> int:
        """Bytes: of the same elements in another order, or of what is gathered and padded."""
        if self._is_laid_out(operand):
            # A phase of a transposed convolution reads a part of the kernel.
            read = min(_elements(operand), self._gathered(operand))
            return read * itemsize(operand.buffer)
        padding = prod(self._padded(v) / self.size(v) for v in self._vectors(operand))
        return round(self._gathered(operand) * padding) * itemsize(operand.buffer)

    def _grown(self, operand: Operand) -> int:
        """Elements that a gathering copy adds to an operand."""
        if self._is_laid_out(operand):
            return 0
        return max(0, self._gathered(operand) - _elements(operand))

    def _copying(self, operand: Operand) -> int:
        """Cycles to gather an operand; none to lay it out anew, which every mapping may ask for."""
        if any(len(self.groups[vector]) > 1 for vector in self._vectors(operand)):
            return _FUSED * self._gathered(operand)
        return _GATHERED * self._grown(operand)

    def _is_row(self, axis: int) -> bool:
        return self.einsum.vector(axis) == ROWS

    def _gathered(self, operand: Operand) -> int:
        """Elements of a copy with a dimension for each iterator of the operand."""
        return prod(self.einsum.axes[p].extent for p in operand.axes)

    def __str__(self) -> str:
        names = [axis.name.removeprefix("v_") for axis in self.einsum.axes]
        taken = [
            f"{NAMES[vector]} <- {' x '.join(names[p] for p in group) or '1'}"
            for vector, group in self.groups.items()
        ]
        free = " ".join(names[p] for p in self.outside()) or "nothing"
        copied = ", ".join(f"{name} {size:,}" for name, size in self.copied.items())
        if self.unit is not None:
            taken.append(f"with an iterator of extent one added for the {NAMES[self.unit]}")
        return (
            f"block {self.block}: {self.intrinsic.name}, {', '.join(taken)}, outside {free}; "
            f"waste {self.waste:.2f}, bytes copied: {copied or 'none'}"
        )


def _elements(operand: Operand) -> int:
    return prod(int(size) for size in operand.buffer.shape)
