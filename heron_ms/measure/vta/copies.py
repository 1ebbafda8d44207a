"""A copy between DRAM and the chip: where it begins, and its transfers.

Of a copy under conditions, such as the store of a result that is cropped, only the part is moved
for which they hold. They depend on the loops around the copy; what was found for one turn of these
is kept for the next like it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from heron_ms._tvm import And, constant, tirx
from heron_ms.errors import FaultError
from heron_ms.measure.vta.affine import Affine, Loops
from heron_ms.measure.vta.dma import Rows, transfers
from heron_ms.measure.vta.elements import Cuts

At = Mapping[Any, int]
Ends = tuple[int, ...]


@dataclass(frozen=True)
class Condition:
    """An affine number that has to be below zero, and the one loop of the nest that moves it.

    step: by how much. An iteration of which it holds for a part is moved whole.
    """

    number: Affine
    loop: int
    step: int = 1

    def end(self, at: At, extent: int) -> int:
        """How many iterations of the loop it holds for."""
        return max(0, min(extent, -(self.number.start(at) // self.step)))

    def cut(self, cuts: Cuts) -> Condition:
        """It in a nest with some loops in two."""
        before = sum(loop < self.loop for loop in cuts)
        return Condition(self.number.cut(cuts), self.loop + before, cuts.get(self.loop, 1))


def conditions_of(loops: Loops, predicate: Any) -> list[Condition]:
    """The parts of a predicate that do not always hold.

    Raises `FaultError` for one that is no upper limit of a single loop.
    """
    if constant(predicate) == 1:
        return []
    if isinstance(predicate, And):
        return [*conditions_of(loops, predicate.a), *conditions_of(loops, predicate.b)]
    if not isinstance(predicate, tirx.LT):
        raise FaultError(f"a copy cannot keep to {predicate}", "affine")
    number = loops.affine(predicate.a - predicate.b)
    moving = [at for at, factor in enumerate(number.inner) if factor]
    if len(moving) != 1 or number.inner[moving[0]] != 1:
        raise FaultError(f"a copy cannot keep to {predicate}", "affine")
    return [Condition(number, moving[0])]


@dataclass
class Copy:
    """The numbers at ``sram`` and ``dram``, ``lanes`` to an element, over loops of ``extents``."""

    extents: tuple[int, ...]
    sram: Affine
    dram: Affine
    lanes: int
    conditions: Sequence[Condition] = ()
    _known: dict[Ends, tuple[Rows, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rows(())

    def at(self, at: At) -> tuple[int, tuple[Rows, ...]]:
        """The first element in DRAM, counted from the tensor's, and the transfers."""
        ends = tuple(part.end(at, self.extents[part.loop]) for part in self.conditions)
        return self._begins.start(at), self.rows(ends)

    def rows(self, ends: Ends) -> tuple[Rows, ...]:
        """The transfers where each condition holds for so many iterations; () for all."""
        if ends not in self._known:
            extents = list(self.extents)
            for part, end in zip(self.conditions, ends, strict=False):
                extents[part.loop] = min(extents[part.loop], self._whole(part.loop, end))
            empty = 0 in extents
            self._known[ends] = () if empty else self._transfers(extents)
        return self._known[ends]

    def _whole(self, loop: int, end: int) -> int:
        """Along the lanes an element is moved whole: the rest of it lies in DRAM as well."""
        inside = self.sram.inner[loop]
        step = self.lanes // inside if 0 < inside < self.lanes else 1
        return -(-end // step) * step

    def _transfers(self, extents: Sequence[int]) -> tuple[Rows, ...]:
        return transfers(extents, self.sram, self.dram, self.lanes)

    @cached_property
    def _begins(self) -> Affine:
        """Where it begins in DRAM, in elements."""
        return _first(self.dram, self.lanes)

    @cached_property
    def place(self) -> Affine:
        """Where it begins on the chip, in elements."""
        return _first(self.sram, self.lanes)


def _first(place: Affine, lanes: int) -> Affine:
    return Affine(place.constant, place.outer, ()).over(lanes)
