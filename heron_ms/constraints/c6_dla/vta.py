"""What VTA asks for: updates of an accumulator that lie apart, micro-ops that fit.

An instruction has two loops; the others of its nest are micro-ops, one for every combination. Which
two is the lowering's choice (`measure.vta.fold`); that one is open to it is what these rules see
to. With two reductions as loops, or the only one, all of a tile's accumulators are updated in turn.

What else the machine limits follows: fields are as wide as the memories that C5 keeps to, a copy of
any shape is cut into transfers that it can say, and two places for a tile ask for two tokens.
"""

from __future__ import annotations

from heron_ms._tvm import Instruction, SBlockRV
from heron_ms.constraints.c6_dla.asks import Asks
from heron_ms.constraints.loops import Loop
from heron_ms.constraints.state import State
from heron_ms.csp import Eq, Le, Operand
from heron_ms.hardware.description import only
from heron_ms.hardware.vta import COPIES, UOP, Vta

IN_INSTRUCTION = 2
"""Loops that an instruction has itself."""


def take_turns(state: State, inst: Instruction, loops: tuple[Loop, ...]) -> None:
    """Tiles inside of an annotated loop take turns in several places: C5 counts them."""
    if str(inst.attrs[0]) != COPIES:
        return
    level = state.machine.structure[state.levels[loops[0]]]
    root = state.loops.root(state.sch.get(inst.inputs[0]))
    for name in level.holds.values():
        state.copies[state.machine.memory(name).scope, root] = state.scalars[inst.inputs[1]]


def keep_updates_apart(state: State, block: SBlockRV) -> None:
    """LE(distance, steps from one update to the next), or EQ(1, chunk) in too small a program."""
    machine = only(Vta, state.machine, "VTA")
    steps = _steps(state, block)
    if state.model.highest(steps) >= machine.update_distance:
        if isinstance(steps, str):
            state.model.add(Le(machine.update_distance, steps, rule="C6"))
        return
    for extent in _extents(state, block, reduces=True):
        if isinstance(extent, str):
            state.model.add(Eq(extent, 1, rule="C6"))


def limit_micro_ops(state: State, block: SBlockRV) -> None:
    """PROD and LE: the loops of a nest that an instruction does not have, as micro-ops."""
    machine = only(Vta, state.machine, "VTA")
    rest = _extents(state, block, reduces=True)[IN_INSTRUCTION:]
    name = f"{state.block_name(block)}.uops"
    uops = state.model.product(name, [_steps(state, block), *rest], "C6")
    depth = machine.depth(UOP)
    if isinstance(uops, str) and state.model.highest(uops) > depth:
        state.model.add(Le(uops, depth, rule="C6"))


def _steps(state: State, block: SBlockRV) -> Operand:
    """The accumulators of a tile, which are updated one after the other."""
    tile = _extents(state, block, reduces=False)
    return state.model.product(f"{state.block_name(block)}.steps", tile, "C6")


def _extents(state: State, block: SBlockRV, *, reduces: bool) -> list[Operand]:
    """The loops of one nest, inside of the level that loads its operands."""
    structure, levels = state.machine.structure, state.levels
    loading = next(at for at, level in enumerate(structure) if "A" in level.holds)
    around = [state.loops.at(loop) for loop in state.loops.around(block)]
    inside = [loop for loop in around if levels.get(loop, 0) > loading]
    return [loop.extent for loop in inside if loop.reduces == reduces and loop.extent is not None]


VTA = Asks({"Annotate": take_turns}, (keep_updates_apart, limit_micro_ops))
