"""What tile registers ask for: no more tiles than there are, or another one is overwritten.

The number of a register in the program is a place in the unrolled tiles, which makes it a law and
no preference: one more would be the number of a register that does not exist. Beside the results
there is one tile of the weight for each column of them, and one of the data. Where a tile does not
fill its register one stays free, for the sake of others on the same thread: see
`intrinsics.amx_begin`.
"""

from __future__ import annotations

from math import prod

from heron_ms._tvm import SBlock, SBlockRV, constant, itemsize
from heron_ms.constraints import access
from heron_ms.constraints.loops import Loop, span
from heron_ms.constraints.state import State, base_name
from heron_ms.csp import Le, Operand
from heron_ms.csp.meaning import HELD, Meaning
from heron_ms.hardware.cpu.cpu import TILES
from heron_ms.hardware.memory import Memory


def limit_accumulators(state: State, block: SBlockRV) -> None:
    """PROD, SUM and LE: the unrolled tiles of a block that accumulates in tile registers."""
    node = state.sch.get(block)
    memory = state.machine.memory_at(str(node.writes[0].source.scope()))
    if memory is None or memory.name != TILES or not len(node.reads):
        return
    loops = [state.loops.at(loop) for loop in state.loops.around(block)]
    tile = [loop for loop in loops if loop in state.unrolled and loop.extent is not None]
    columns = _columns(state, node, set(tile))
    if columns is None:
        return
    name = base_name(str(node.name_hint))
    extents = [loop.extent for loop in tile if loop.extent is not None]
    results = state.model.product(f"{name}.tiles", extents, "C6")
    beside = 1 if _fills(node, memory) else 2
    held = state.model.total(
        f"{name}.tile registers", [results, columns, beside], "C6", Meaning(HELD, memory=TILES)
    )
    if isinstance(held, str):
        state.model.add(Le(held, memory.capacity // memory.line, rule="C6"))


def _fills(node: SBlock, memory: Memory) -> bool:
    """Whether the tile that one execution writes takes up all of a register."""
    (written,) = node.writes
    elements = prod(constant(part.extent) or 1 for part in written.region)
    return elements * itemsize(written.source) == memory.line


def _columns(state: State, node: SBlock, tile: set[Loop]) -> Operand | None:
    """How many tiles of the result lie beside each other, along its last dimension."""
    position, axes = access.lanes_axis(node), state.axes_of(node)
    if position is None or not axes:
        return None
    axis = axes[position]
    return 1 if axis is None else span(state.model, axis, tile)
