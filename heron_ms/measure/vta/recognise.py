"""Which instructions a nest around one statement becomes, found out once for all its iterations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from heron_ms._tvm import BufferStore, TensorLoad, itemsize, tirx
from heron_ms.errors import FaultError
from heron_ms.hardware.vta import OUT, WGT
from heron_ms.intrinsics.vta import GEMM, RESET
from heron_ms.measure.vta.affine import Affine, Loops
from heron_ms.measure.vta.copies import Condition, Copy, conditions_of
from heron_ms.measure.vta.dram import Rows
from heron_ms.measure.vta.elements import Cuts, Elements, cut, cuts_of
from heron_ms.measure.vta.epilogue import Operation, chain_of
from heron_ms.measure.vta.fold import fold
from heron_ms.measure.vta.instructions import Alu
from heron_ms.measure.vta.statements import (
    Load,
    Operand,
    Plane,
    Site,
    Statement,
    Step,
    Store,
    Unit,
)

STORED = ("int8", "uint8", "int16", "uint16", "int32")
"""What is made of the low bytes of an accumulator."""


def statement_of(site: Site, loops: Loops, leaf: Any, predicates: Sequence[Any]) -> Statement:
    """What a statement becomes; raises `FaultError` for one that no instruction does."""
    conditions = [part for one in predicates for part in conditions_of(loops, one)]
    if isinstance(leaf, tirx.Evaluate):
        if conditions:
            raise FaultError(f"no instruction keeps to {predicates}", "affine")
        return _unit(site, loops, leaf.value)
    assert isinstance(leaf, BufferStore)
    is_load = site.writer.machine.memory_at(str(leaf.buffer.scope())) is not None
    return (_load if is_load else _store)(site, loops, leaf, conditions)


def _unit(site: Site, loops: Loops, call: Any) -> Unit:
    name = str(call.args[0].value)
    if name not in (GEMM, RESET):
        raise FaultError(f"no instruction is called {name}", "affine")
    operands = tuple(
        _operand(site, data.args[0], loops.affine(offset))
        for data, offset in zip(call.args[1::3], call.args[2::3], strict=True)
    )
    site.accumulated.add(operands[0].buffer)
    factors = [operand.place.inner for operand in operands]
    missing = [(0,) * len(loops.extents)] * (3 - len(factors))
    distance = site.writer.machine.update_distance if name == GEMM else 1
    return Unit(site, fold(loops.extents, [*factors, *missing], distance), operands)


def _operand(site: Site, buffer: Any, place: Affine) -> Operand:
    if buffer in site.rows:
        elements = site.elements(buffer)
        place = elements.flat(elements.indices(place), len(place.inner))
    return Operand(buffer, place.over(site.writer.machine.lanes(site.tiles.memory(buffer))))


def _load(site: Site, loops: Loops, store: BufferStore, conditions: list[Condition]) -> Load:
    if not isinstance(store.value, TensorLoad) or conditions:
        raise FaultError(f"a load does not compute {store.value}", "affine")
    memory = site.tiles.memory(store.buffer)
    chip, there = (store.buffer, store.indices), (store.value.source, store.value.indices)
    copy = _copy(site, loops, memory, chip, there, conditions)
    return Load(site, store.buffer, copy, site.address(store.value.source, memory))


def _store(site: Site, loops: Loops, store: BufferStore, conditions: list[Condition]) -> Store:
    load, chain = chain_of(store.value, site.accumulated)
    chip, there = (load.source, load.indices), (store.buffer, store.indices)
    copy = _copy(site, loops, OUT, chip, there, conditions)
    steps = [_step(site, loops, copy, operation) for operation in chain]
    down = _step(site, loops, copy, Operation(Alu.SHR, 8))
    address, apart = site.address(store.buffer, OUT), site.plane(store.buffer, OUT)
    later = (Plane([down], address + at * apart) for at in range(1, itemsize(store.buffer)))
    return Store(site, load.source, copy, [Plane(steps, address), *later])


def _step(site: Site, loops: Loops, copy: Copy, operation: Operation) -> Step:
    """One operation; raises `FaultError` where the lanes of its operands are not side by side."""
    held = _steps(copy.extents, copy.sram, copy.sram, copy.lanes)
    place = copy.sram
    if operation.other is not None:
        other, elements = operation.other, site.elements(operation.other.source)
        indices = [loops.affine(index) for index in other.indices]
        place = _placed(elements, indices, _cuts(loops, elements, indices), len(copy.extents))
    read = _steps(copy.extents, copy.sram, place, copy.lanes)
    factors = [[factor for _, factor in steps] for steps in (held, read)]
    extents = [extent for extent, _ in held]
    folded = fold(extents, [*factors, [0] * len(held)], 1)
    if operation.other is None:
        return Step(operation, folded, None)
    first = Affine(place.constant, place.outer, ()).over(copy.lanes)
    return Step(operation, folded, Operand(operation.other.source, first))


Access = tuple[Any, Sequence[Any]]


def _copy(
    site: Site, loops: Loops, memory: str, chip: Access, there: Access, conditions: list[Condition]
) -> Copy:
    machine, planes = site.writer.machine, _planes(site, memory, there[0])
    elements, held = site.elements(chip[0]), [loops.affine(index) for index in chip[1]]
    indices = [loops.affine(index) for index in there[1]]
    # The lanes of an element walk one dimension; a weight's, two, which are last as they are.
    plain = replace(elements, tiles=(1,) * len(held)).flat(held, len(loops.extents))
    last = len(indices) - 1 if memory == WGT else _lane_dimension(plain, indices, machine.block)
    rows = _row_dimension(site, chip[0], held, indices)
    layout = site.dram.layout(there[0], last, machine.block if memory != WGT else 1, planes, rows)
    cuts = _cuts(loops, elements, held)
    extents = cut(loops.extents, cuts)
    sram = _placed(elements, held, cuts, len(extents))
    ordered = [indices[dimension] for dimension in layout.order]
    dram = _placed(layout.elements, ordered, cuts, len(extents))
    kept = [condition.cut(cuts) for condition in conditions]
    return Copy(extents, sram, dram, machine.lanes(memory), kept)


def _cuts(loops: Loops, elements: Elements, indices: Sequence[Affine]) -> Cuts:
    """The loops that walk through elements of a tile and on."""
    return cuts_of(loops.extents, zip(indices, elements.tiles, strict=True))


def _placed(elements: Elements, indices: Sequence[Affine], cuts: Cuts, depth: int) -> Affine:
    """Where indices fall in a nest that is cut, in numbers."""
    return elements.flat([index.cut(cuts) for index in indices], depth)


def _planes(site: Site, memory: str, tensor: Any) -> int:
    """In how many bytes that lie apart its numbers are; raises `FaultError` for others."""
    if memory == OUT and str(tensor.dtype) in STORED:
        return itemsize(tensor)
    machine = site.writer.machine
    if memory == OUT or machine.lanes(memory) * itemsize(tensor) != machine.element_bytes(memory):
        raise FaultError(f"{memory} has no elements of {tensor.dtype} in DRAM", "dtype")
    return 1


def _row_dimension(
    site: Site, tile: Any, held: Sequence[Affine], indices: Sequence[Affine]
) -> Rows | None:
    """The dimension of a tensor that the rows of elements are along, and how many there are."""
    if tile not in site.rows:
        return None
    batch = site.writer.machine.batch
    within = [at for at, factor in enumerate(held[site.rows[tile]].inner) if factor % batch]
    moved = (d for d, index in enumerate(indices) if any(index.inner[at] for at in within))
    dimension = next(moved, None)
    if dimension is None:
        raise FaultError(f"{tile.name} is no copy of whole elements", "affine")
    return dimension, batch


def _lane_dimension(sram: Affine, indices: Sequence[Affine], lanes: int) -> int:
    """The dimension of a tensor that the loops along the lanes of a tile move along."""
    within = [at for at, factor in enumerate(sram.inner) if 0 < factor < lanes]
    moved = (d for d, index in enumerate(indices) if any(index.inner[at] for at in within))
    return next(moved, len(indices) - 1)


def _steps(extents: Sequence[int], held: Affine, read: Affine, lanes: int) -> list[tuple[int, int]]:
    """The loops of a tile over whole elements: extents, and how far each moves in ``read``."""
    steps = []
    for extent, inside, factor in zip(extents, held.inner, read.inner, strict=True):
        walks_lanes = inside % lanes != 0
        if (walks_lanes and factor != inside) or (not walks_lanes and factor % lanes):
            raise FaultError("lanes of an operand do not lie side by side", "affine")
        if not walks_lanes:
            steps.append((extent, factor // lanes))
        elif extent * inside > lanes:
            steps.append((extent * inside // lanes, 1))
    return steps
