"""C5 AddMemLimit (Heron's constraint rules): what lies in a memory at one time fits in it.

For every memory with a scope of its own: the bytes of all buffers there (C4), as long as one of the
outermost loops runs, are at most what it holds. A buffer whose rows are kept apart
(`storage_align`) takes them apart, and one whose tiles take turns in several places takes all of
these. Where TVM lets buffers of different times have the same bytes, results that wait there to be
written have those of the operands.
"""

from __future__ import annotations

from heron_ms.constraints.state import State, Tile
from heron_ms.csp import Le, Operand
from heron_ms.csp.meaning import HELD, Meaning
from heron_ms.hardware.memory import Memory
from heron_ms.intrinsics.fragments import SHARED

MERGED = SHARED
"""TVM's scope of one allocation, in which buffers lie that are used at different times."""
FITTING = 16
"""How many times as large a buffer may be as another that TVM gives its bytes."""


def limit_scopes(state: State) -> None:
    """SUM and LE for each memory with a scope of its own and each nest, of what is held there."""
    explicit = [memory for memory in state.machine.memories if memory.is_explicit]
    for nest in state.loops.nests():
        moved = state.tiles(nest)
        for memory in explicit:
            tiles = [tile for tile in moved if tile.scope == memory.scope]
            if memory.scope == MERGED:
                _limit_in_turn(state, memory, tiles)
            else:
                _limit(state, memory, "bytes", [_places(state, tile) for tile in tiles])


def _limit_in_turn(state: State, memory: Memory, tiles: list[Tile]) -> None:
    """The limits of operands, and of the results that have their bytes when they are gone."""
    operands = [_places(state, tile) for tile in tiles if not tile.drained]
    _limit(state, memory, "bytes", operands)
    for tile in tiles:
        if tile.drained:
            results = _bytes(state, tile)
            _limit(state, memory, "results.bytes", [results])
            _find_room(state, f"{tile.buffer}.room", results, operands)


def _find_room(state: State, name: str, results: Operand, operands: list[Operand]) -> None:
    """PROD and LE: no operand is so large that TVM would not give results its bytes."""
    room = state.model.product(name, [results, FITTING], "C5")
    for operand in operands:
        state.model.add(Le(operand, room, rule="C5"))


def _limit(state: State, memory: Memory, name: str, sizes: list[Operand]) -> None:
    """SUM and LE of what lies in a memory at one time."""
    if sizes:
        meaning = Meaning(HELD, memory=memory.name)
        held = state.model.total(f"{memory.name}.{name}", sizes, "C5", meaning)
        state.model.add(Le(held, memory.capacity, rule="C5"))


def _places(state: State, tile: Tile) -> Operand:
    """What the tile of a buffer takes in all places that it has."""
    copies = state.copies.get((tile.scope, tile.root), 1)
    return state.model.product(f"{tile.buffer}.places", [_bytes(state, tile), copies], "C5")


def _bytes(state: State, tile: Tile) -> Operand:
    """What a tile takes, its rows apart where they are aligned."""
    if tile.aligned is None:
        return tile.bytes
    dimension, factor, offset = tile.aligned
    name = f"{tile.buffer}.aligned"
    row = state.model.product(f"{name}.row", tile.extents[dimension + 1 :], "C5")
    # The stride is the next that leaves the offset modulo the factor: at most this much further.
    further = offset if state.model.divides(factor, row) else factor - 1
    stride = state.model.total(f"{name}.stride", [row, further], "C5")
    outer = [*tile.extents[: dimension + 1], stride, tile.itemsize]
    return state.model.product(f"{name}.bytes", outer, "C5")
