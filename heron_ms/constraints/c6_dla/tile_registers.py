"""What tile registers ask for: no more accumulators than there are, or another one is overwritten.

Their number in the program is that of the unrolled tiles, which is a law and no preference: one
more would be the number of a register that does not exist.
"""

from __future__ import annotations

from heron_ms._tvm import SBlockRV
from heron_ms.constraints.state import State, base_name
from heron_ms.csp import Le
from heron_ms.csp.meaning import HELD, Meaning
from heron_ms.hardware.cpu.cpu import TILES
from heron_ms.hardware.memory import GLOBAL

OPERANDS = 2
"""Registers of the two operands of a multiplication."""


def limit_accumulators(state: State, block: SBlockRV) -> None:
    """PROD and LE: the unrolled tiles of a tensorized block that accumulates in tile registers."""
    node = state.sch.get(block)
    scope = str(node.writes[0].source.scope())
    memory = next((m for m in state.machine.memories if m.scope == scope != GLOBAL), None)
    if memory is None or memory.name != TILES:
        return
    loops = [state.loops.at(loop) for loop in state.loops.around(block)]
    tile = [loop.extent for loop in loops if loop in state.unrolled and loop.extent is not None]
    name = f"{base_name(str(node.name_hint))}.tiles"
    held = state.model.product(name, tile, "C6", meaning=Meaning(HELD, memory=TILES))
    if isinstance(held, str):
        state.model.add(Le(held, memory.capacity // memory.line - OPERANDS, rule="C6"))
