"""What VTA asks for: updates of an accumulator that lie apart, tiles that take turns."""

from __future__ import annotations

from heron_ms._tvm import Instruction, SBlockRV
from heron_ms.constraints.c6_dla.asks import Asks
from heron_ms.constraints.loops import Loop
from heron_ms.constraints.state import State
from heron_ms.csp import Eq, Le, Operand
from heron_ms.hardware.description import only
from heron_ms.hardware.vta import COPIES, Vta


def take_turns(state: State, inst: Instruction, loops: tuple[Loop, ...]) -> None:
    """Tiles inside of an annotated loop take turns in several places: C5 counts them."""
    if str(inst.attrs[0]) != COPIES:
        return
    level = state.machine.structure[state.levels[loops[0]]]
    for name in level.holds.values():
        state.copies[state.machine.memory(name).scope] = state.scalars[inst.inputs[1]]


def keep_updates_apart(state: State, block: SBlockRV) -> None:
    """LE(distance, steps between two updates), or EQ(1, chunk) where no tile is that large.

    The instruction's loops have the reductions outside, so that an accumulator is updated again
    when all others of the tile were.
    """
    machine = only(Vta, state.machine, "VTA")
    inside = _inside(state, block)
    tile = [loop.extent for loop in inside if not loop.reduces and loop.extent is not None]
    chunk = [loop.extent for loop in inside if loop.reduces and loop.extent is not None]
    name = state.block_name(block)
    steps = state.model.product(f"{name}.steps", tile, "C6")
    if state.model.highest(steps) >= machine.update_distance:
        _at_least(state, machine.update_distance, steps)
        return
    for extent in chunk:
        if isinstance(extent, str):
            state.model.add(Eq(extent, 1, rule="C6"))


def _at_least(state: State, least: int, operand: Operand) -> None:
    if isinstance(operand, str):
        state.model.add(Le(least, operand, rule="C6"))


def _inside(state: State, block: SBlockRV) -> list[Loop]:
    """The loops of one instruction: those inside of the level that loads its operands."""
    levels, holding = state.levels, _holding(state)
    around = [state.loops.at(loop) for loop in state.loops.around(block)]
    return [loop for loop in around if levels.get(loop, 0) > holding]


def _holding(state: State) -> int:
    return next(at for at, level in enumerate(state.machine.structure) if "A" in level.holds)


VTA = Asks({"Annotate": take_turns}, (keep_updates_apart,))
