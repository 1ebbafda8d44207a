"""What the abacus asks for: no burst is longer than the machine's, or than its loop."""

from __future__ import annotations

from heron_ms._tvm import Instruction
from heron_ms.constraints.c6_dla import Asks
from heron_ms.constraints.loops import Loop
from heron_ms.constraints.state import State
from heron_ms.csp import Le
from tests.accelerator.space_rule import BURST


def limit_burst(state: State, inst: Instruction, loops: tuple[Loop, ...]) -> None:
    """A constraint rule of its own: no burst is longer than the machine's, or than its loop."""
    if str(inst.attrs[0]) == BURST:
        length = state.scalars[inst.inputs[1]]
        state.model.add(Le(length, state.machine.limits["longest_burst"], rule="C6"))
        extent = loops[0].extent
        if extent is not None:
            state.model.add(Le(length, extent, rule="C6"))


ABACUS = Asks({"Annotate": limit_burst})
