"""The kinds of statements that become instructions: products, resets, loads and stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from heron_ms._tvm import BufferStore, TensorLoad, tirx
from heron_ms.errors import FaultError
from heron_ms.hardware.vta import ACC, OUT
from heron_ms.intrinsics.vta import GEMM, RESET
from heron_ms.measure.vta.affine import Affine, Loops
from heron_ms.measure.vta.dma import Rows, transfers
from heron_ms.measure.vta.epilogue import Operation, chain_of
from heron_ms.measure.vta.fold import Folded, fold
from heron_ms.measure.vta.instructions import Opcode
from heron_ms.measure.vta.tiles import Tiles
from heron_ms.measure.vta.tokens import Span
from heron_ms.measure.vta.writer import Writer

At = Mapping[Any, int]
"""The value of each loop around a nest."""


@dataclass(frozen=True)
class Site:
    """Where instructions are written, where tiles are, and the addresses of tensors in bytes."""

    writer: Writer
    tiles: Tiles
    dram: Mapping[Any, int]

    def address(self, buffer: Any, memory: str) -> int:
        """Of a tensor, in elements of a memory; raises `FaultError` where it is none."""
        if buffer not in self.dram:
            raise FaultError(f"{buffer.name} is no tensor in DRAM", "affine")
        return self.dram[buffer] // self.writer.machine.element_bytes(memory)


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
    """A copy from DRAM."""

    site: Site
    target: Operand
    source: Affine
    address: int
    memory: str
    rows: tuple[Rows, ...]

    def emit(self, at: At) -> None:
        """As many LOADs as there are transfers."""
        (_, start, end), place = self.target.start(self.site, at)
        del start, end
        dram = self.address + self.source.start(at)
        for rows in self.rows:
            first = place + rows.sram
            span = (self.memory, first, first + rows.y * rows.x)
            self.site.writer.transfer(
                Opcode.LOAD, self.memory, None, span, **_fields(rows, place, dram)
            )


@dataclass(frozen=True)
class Store:
    """Operations on a tile of accumulators, and the copy of it to DRAM."""

    site: Site
    source: Operand
    target: Affine
    address: int
    folded: Folded
    chain: Sequence[Operation]
    rows: tuple[Rows, ...]

    def emit(self, at: At) -> None:
        """An ALU instruction for each operation, then STOREs."""
        writer = self.site.writer
        span, place = self.source.start(self.site, at)
        for operation in self.chain:
            how = {"alu": operation.alu, "use_imm": 1, "imm": operation.immediate}
            writer.compute(Opcode.ALU, self.folded, [place, place, 0], [span], [span], **how)
        dram = self.address + self.target.start(at)
        for rows in self.rows:
            first = place + rows.sram
            held = (ACC, first, first + rows.y * rows.x)
            there = ("dram", dram + rows.dram, dram + rows.dram + 1)
            writer.transfer(Opcode.STORE, OUT, held, there, **_fields(rows, place, dram))


def statement_of(site: Site, loops: Loops, leaf: Any) -> Statement:
    """What a statement becomes; raises `FaultError` for one that no instruction does."""
    if isinstance(leaf, tirx.Evaluate):
        return _unit(site, loops, leaf.value)
    assert isinstance(leaf, BufferStore)
    scope = str(leaf.buffer.scope())
    if site.writer.machine.memory_of(scope) is None:
        return _store(site, loops, leaf)
    return _load(site, loops, leaf)


def _unit(site: Site, loops: Loops, call: Any) -> Unit:
    name = str(call.args[0].value)
    if name not in (GEMM, RESET):
        raise FaultError(f"no instruction is called {name}", "affine")
    operands = tuple(
        _operand(site, data.args[0], loops.affine(offset))
        for data, offset in zip(call.args[1::2], call.args[2::2], strict=True)
    )
    factors = [operand.place.inner for operand in operands]
    missing = [(0,) * len(loops.extents)] * (3 - len(factors))
    distance = site.writer.machine.update_distance if name == GEMM else 1
    return Unit(site, fold(loops.extents, [*factors, *missing], distance), operands)


def _operand(site: Site, buffer: Any, place: Affine) -> Operand:
    return Operand(buffer, place.over(site.writer.machine.lanes(site.tiles.memory(buffer))))


def _load(site: Site, loops: Loops, store: BufferStore) -> Load:
    memory = site.tiles.memory(store.buffer)
    lanes = site.writer.machine.lanes(memory)
    if not isinstance(store.value, TensorLoad):
        raise FaultError(f"a load does not compute {store.value}", "affine")
    source = store.value.source
    target = loops.flat(store.buffer, store.indices)
    origin = loops.flat(source, store.value.indices)
    rows = transfers(loops.extents, target, origin, lanes)
    address = site.address(source, memory)
    first = Operand(store.buffer, _first(target, lanes))
    return Load(site, first, _first(origin, lanes), address, memory, rows)


def _store(site: Site, loops: Loops, store: BufferStore) -> Store:
    load, chain = chain_of(store.value)
    lanes = site.writer.machine.lanes(OUT)
    source = loops.flat(load.source, load.indices)
    target = loops.flat(store.buffer, store.indices)
    rows = transfers(loops.extents, source, target, lanes)
    steps = _steps(loops.extents, source, lanes)
    factors = [factor for _, factor in steps]
    folded = fold([extent for extent, _ in steps], [factors, factors, [0] * len(steps)], 1)
    held = Operand(load.source, _first(source, lanes))
    address = site.address(store.buffer, OUT)
    return Store(site, held, _first(target, lanes), address, folded, chain, rows)


def _first(place: Affine, lanes: int) -> Affine:
    """Where a copy begins, in elements."""
    return Affine(place.constant, place.outer, ()).over(lanes)


def _steps(extents: Sequence[int], place: Affine, lanes: int) -> list[tuple[int, int]]:
    """The loops over whole elements: extents and factors."""
    steps = []
    for extent, factor in zip(extents, place.inner, strict=True):
        if factor % lanes == 0:
            steps.append((extent, factor // lanes))
        elif extent * factor > lanes:
            steps.append((extent * factor // lanes, 1))
    return steps


def _fields(rows: Rows, place: int, dram: int) -> dict[str, int]:
    return {
        "sram": place + rows.sram,
        "dram": dram + rows.dram,
        "y": rows.y,
        "x": rows.x,
        "stride": rows.stride,
    }
