"""What a CPU asks for: a number of tasks, and working sets that its registers and caches hold.

DL Boost: the shape of the intrinsic (paper: i = 1, j = 16, k = 4) is a fact of the trace, since the
block is blockized to it; what is left is the number of parallel tasks, which the runtime hands to
its threads one by one. Too many of them is a matter of time, so their limit is a preference.
"""

from __future__ import annotations

from heron_ms._tvm import Instruction
from heron_ms.constraints.c5_working_set import limit_working_set
from heron_ms.constraints.c6_dla.asks import Asks
from heron_ms.constraints.c6_dla.tile_registers import limit_accumulators
from heron_ms.constraints.c6_dla.vectors import vectorize
from heron_ms.constraints.loops import Loop
from heron_ms.constraints.state import State
from heron_ms.csp import Eq, Le

TASKS_PER_CORE = 256
"""Beyond this, launching tasks costs more than it balances; far above what any winner used."""


def parallel(state: State, inst: Instruction, loops: tuple[Loop, ...]) -> None:
    """EQ(tasks, the extent of a sampled parallel loop), LE(tasks, a multiple of the cores)."""
    [loop] = loops
    if not isinstance(loop.extent, str):
        return
    limit = TASKS_PER_CORE * state.machine.cores
    highest = state.model.highest(loop.extent)
    tasks = state.model.variable(
        f"{loop.name.split('.')[0]}.tasks", range(1, highest + 1), state.model.value(loop.extent)
    )
    state.model.add(Eq(tasks, loop.extent, rule="C6"))
    if highest > limit:
        state.model.prefer(Le(tasks, limit, rule="C6"))


CPU = Asks({"Parallel": parallel, "Vectorize": vectorize}, (limit_working_set, limit_accumulators))
