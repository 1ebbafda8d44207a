"""What a GPU with TensorCores asks for: registers for all warps, a pipeline that its loop can fill.

A thread holds its part of the fragments (the "fragments" memory limits those of a warp) and what
the compiler needs besides. Shared memory holds as many tiles of an operand as stages are under way,
with rows of a length that can be permuted where they are.
"""

from __future__ import annotations

from heron_ms._tvm import Instruction, SBlockRV
from heron_ms.constraints.c6_dla.asks import Asks
from heron_ms.constraints.loops import Loop
from heron_ms.constraints.state import State
from heron_ms.csp import In, Le
from heron_ms.hardware.tensorcore import (
    ACCUMULATOR,
    FILLED,
    FRAGMENTS,
    HELD,
    SHARED,
    STAGES,
    SWIZZLE,
    SWIZZLED,
    WARP,
)

NEEDED = 56
"""Registers of a thread beside its fragments, for addresses above all.

On more than eight warps programs spilled that left 48 or fewer, and none that left more
(`scripts.bench tensorcore-registers`); ptxas hands out eight at a time.
"""
_REGISTER = 4


def pipeline(state: State, inst: Instruction, loops: tuple[Loop, ...]) -> None:
    """LE(stages, turns of the loop), and PROD of what is copied and the stages (C5)."""
    stages = state.scalars[inst.inputs[1]]
    turns = loops[0].extent
    if turns is not None:
        state.model.add(Le(stages, turns, rule="C6"))
    root = state.loops.root(state.sch.get(inst.inputs[0]))
    state.copies[state.machine.memory(SHARED).scope, root] = stages


def _permuted(state: State, inst: Instruction, loops: tuple[Loop, ...]) -> None:
    """IN: rows of as many elements as TVM permutes at a time, or a multiple."""
    block = state.sch.get(inst.inputs[0])
    root = state.loops.root(state.loops.around(block)[0])
    tile = state.footprints.get((str(block.writes[0].source.name), root))
    row = 0 if tile is None else tile.extents[-1]
    if isinstance(row, str) and str(inst.inputs[1]).startswith(FILLED):
        whole = range(SWIZZLED, state.model.highest(row) + 1, SWIZZLED)
        state.model.add(In(row, frozenset(whole), rule="C6"))


def registers(state: State, block: SBlockRV) -> None:
    """PROD and LE: what all warps of a block hold, and need besides, fits a multiprocessor."""
    if str(state.sch.get(block).name_hint).endswith("_init"):
        return
    tiles = [
        state.model.product(f"{tile.buffer}.held", [tile.bytes, HELD[tile.scope]], "C5")
        for tile in state.tiles(state.loops.around(block)[0])
        if tile.scope in HELD
    ]
    around = [state.loops.at(loop) for loop in state.loops.around(block) if _is_warp(loop)]
    warps = [loop.extent for loop in around if loop.extent is not None]
    held = state.model.total("warp.bytes", [*tiles, NEEDED * WARP * _REGISTER], "C5")
    fragments = state.machine.memory(FRAGMENTS)
    if fragments.scope == ACCUMULATOR:  # C5 sees no more than the sums
        most = fragments.capacity + NEEDED * WARP * _REGISTER
        state.model.add(Le(held, most, rule="C6"))
    everything = state.model.product("registers.bytes", [held, *warps], "C5")
    limit = state.machine.limits["registers"] * _REGISTER
    state.model.add(Le(everything, limit, rule="C6"))


def _is_warp(loop: object) -> bool:
    binding = getattr(loop, "thread_binding", None)
    return binding is not None and str(binding.thread_tag) == "threadIdx.y"


def _annotated(state: State, inst: Instruction, loops: tuple[Loop, ...]) -> None:
    asks = {STAGES: pipeline, SWIZZLE: _permuted}
    if (name := str(inst.attrs[0])) in asks:
        asks[name](state, inst, loops)


TENSORCORE = Asks({"Annotate": _annotated}, (registers,))
