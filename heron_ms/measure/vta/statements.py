"""The kinds of statements that become instructions: products, resets, loads and stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, Protocol

from heron_ms.hardware.vta import ACC, OUT
from heron_ms.measure.vta.affine import Affine
from heron_ms.measure.vta.copies import At, Copy
from heron_ms.measure.vta.dma import Rows
from heron_ms.measure.vta.dram import Dram, shape_of
from heron_ms.measure.vta.elements import Elements
from heron_ms.measure.vta.epilogue import Operation
from heron_ms.measure.vta.fold import Folded
from heron_ms.measure.vta.instructions import Opcode
from heron_ms.measure.vta.tiles import Tiles
from heron_ms.measure.vta.tokens import Span
from heron_ms.measure.vta.writer import Writer


@dataclass(frozen=True)
class Site:
    """Where instructions are written, where tiles and tensors are, and what products went to.

    rows: of the tiles whose elements have several rows, the dimension of these (`rows`).
    """

    writer: Writer
    tiles: Tiles
    dram: Dram
    rows: Mapping[Any, int] = field(default_factory=dict)
    accumulated: set[Any] = field(default_factory=set)

    def elements(self, buffer: Any) -> Elements:
        """How a tile lies in elements, whose lanes are those of its last dimension."""
        sizes, machine = shape_of(buffer), self.writer.machine
        tiles = [1] * len(sizes)
        if buffer in self.rows:
            tiles[self.rows[buffer]], tiles[-1] = machine.batch, machine.block
        return Elements(sizes, tuple(tiles))

    def address(self, tensor: Any, memory: str) -> int:
        """Of a tensor that has a layout, in elements of a memory."""
        return self.dram.addresses[tensor] // self.writer.machine.element_bytes(memory)

    def plane(self, tensor: Any, memory: str) -> int:
        """How far the next byte of its numbers lies, in elements of a memory."""
        size = prod(self.dram.layouts[tensor].sizes)
        return size // self.writer.machine.element_bytes(memory)


class Statement(Protocol):
    """A nest around one statement."""

    def emit(self, at: At) -> None:
        """Write the instructions of it, for one value of each loop around it."""


@dataclass(frozen=True)
class Operand:
    """A tile, and the place in it that a statement begins at, in elements."""

    buffer: Any
    place: Affine

    def start(self, site: Site, at: At) -> tuple[Span, int]:
        """The tile as it lies now, and the place on the chip."""
        span = site.tiles.span(self.buffer)
        return span, span[1] + self.place.start(at)


@dataclass(frozen=True)
class Unit:
    """A nest of the matrix unit: products, or resets."""

    site: Site
    folded: Folded
    operands: tuple[Operand, ...]

    def emit(self, at: At) -> None:
        """One GEMM instruction."""
        found = [operand.start(self.site, at) for operand in self.operands]
        spans, starts = [span for span, _ in found], [start for _, start in found]
        reset = len(found) == 1
        missing = len(self.folded.places) - len(found)
        self.site.writer.compute(
            Opcode.GEMM,
            self.folded,
            [*starts, *[0] * missing],
            () if reset else spans,
            spans[:1],
            reset=int(reset),
        )


@dataclass(frozen=True)
class Load:
    """A copy from DRAM to ``buffer``."""

    site: Site
    buffer: Any
    copy: Copy
    address: int

    def emit(self, at: At) -> None:
        """As many LOADs as there are transfers."""
        start, every = self.copy.at(at)
        within = self.copy.place.start(at)
        content = (id(self), start, every, within)
        if self.site.tiles.keeps(self.buffer, content):
            return
        memory, base, _ = self.site.tiles.span(self.buffer)
        place = base + within
        for rows in every:
            first = place + rows.sram
            span = (memory, first, first + rows.y * rows.x)
            fields = _fields(rows, place, self.address + start)
            self.site.writer.transfer(Opcode.LOAD, memory, None, span, **fields)


@dataclass(frozen=True)
class Step:
    """One operation of the ALU on a whole tile, with a number or with another tile."""

    operation: Operation
    folded: Folded
    other: Operand | None

    def emit(self, site: Site, span: Span, place: int, at: At) -> None:
        """One ALU instruction on the accumulators from ``place`` on."""
        how: dict[str, int] = {"alu": self.operation.alu}
        if self.other is None:
            how |= {"use_imm": 1, "imm": self.operation.immediate}
            reads, start = [span], place
        else:
            tile, start = self.other.start(site, at)
            reads = [span, tile]
        site.writer.compute(Opcode.ALU, self.folded, [place, start, 0], reads, [span], **how)


@dataclass(frozen=True)
class Plane:
    """A byte of each result: what the ALU computes before it is the low one, and where it goes."""

    chain: Sequence[Step]
    address: int


@dataclass(frozen=True)
class Store:
    """Operations on a tile of accumulators, and the copy of it to DRAM, a byte at a time."""

    site: Site
    buffer: Any
    copy: Copy
    planes: Sequence[Plane]

    def emit(self, at: At) -> None:
        """For each byte an ALU instruction an operation, then STOREs."""
        span = self.site.tiles.span(self.buffer)
        place = span[1] + self.copy.place.start(at)
        start, every = self.copy.at(at)
        for plane in self.planes if every else ():
            for step in plane.chain:
                step.emit(self.site, span, place, at)
            self._transfer(every, place, plane.address + start)

    def _transfer(self, every: Sequence[Rows], place: int, address: int) -> None:
        for rows in every:
            first = place + rows.sram
            held = (ACC, first, first + rows.y * rows.x)
            fields = _fields(rows, place, address)
            there = ("dram", fields["dram"], fields["dram"] + 1)
            self.site.writer.transfer(Opcode.STORE, OUT, held, there, **fields)


def _fields(rows: Rows, place: int, dram: int) -> dict[str, int]:
    return {
        "sram": place + rows.sram,
        "dram": dram + rows.dram,
        "y": rows.y,
        "x": rows.x,
        "stride": rows.stride,
    }
