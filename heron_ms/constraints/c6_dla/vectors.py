"""What a sum without an intrinsic asks for: vectors that are filled, accumulators in registers.

The loop of its lanes becomes a vector of the length that was sampled. It fills one register or two,
or else half of one, or else at least that: LLVM cuts others into pieces, down to single lanes where
branches join. Of a depthwise convolution's programs those with whole registers took half the time
of those with halves, of bytes and of floats alike. The accumulators of the unrolled tile leave some
registers for operands. All of this is a preference: short rows fill no vector, and what does not
fit is spilled.
"""

from __future__ import annotations

from heron_ms._tvm import For, Instruction, SBlock, collect, itemsize, reduces
from heron_ms.constraints.loops import Loop
from heron_ms.constraints.state import State, base_name
from heron_ms.csp import In, Le
from heron_ms.csp.meaning import HELD, Meaning
from heron_ms.hardware.cpu.cpu import REGISTERS

OPERANDS = 4
"""Registers beside the accumulators: some of the data, a factor, what it is multiplied to."""


def vectorize(state: State, inst: Instruction, loops: tuple[Loop, ...]) -> None:
    """LE(least, lanes), IN(lanes, registers); PROD and LE of the accumulators; LE(full, lanes)."""
    [lanes] = loops
    block = _sum_in(state.sch.get(inst.inputs[0]))
    if block is None or not isinstance(lanes.extent, str):
        return
    registers, size = state.machine.memory(REGISTERS), itemsize(block.writes[0].source)
    half = registers.line // size // 2
    least = min(half, state.model.highest(lanes.extent))
    state.model.prefer(Le(least, lanes.extent, rule="C6"))
    state.model.prefer(In(lanes.extent, frozenset((half, 2 * half, 4 * half)), rule="C6"))
    around = [state.loops.at(loop) for loop in state.loops.around(block)]
    tile = [loop.extent for loop in around if loop in state.unrolled and not loop.reduces]
    held = state.model.product(
        f"{base_name(str(block.name_hint))}.accumulators.bytes",
        [*(extent for extent in tile if extent is not None), lanes.extent, size],
        "C5",
        meaning=Meaning(HELD, memory=REGISTERS),
    )
    capacity = registers.capacity - OPERANDS * registers.line
    state.model.prefer(Le(held, capacity, rule="C5"))
    # Last, so that it is given up first: rows may have no divisor that fills a register.
    if state.model.highest(lanes.extent) >= 2 * half:
        state.model.prefer(Le(2 * half, lanes.extent, rule="C6"))


def _sum_in(loop: For) -> SBlock | None:
    """The block that a loop computes, if that is one and it adds something up."""
    blocks = collect(loop, SBlock)
    sums = [block for block in blocks if any(map(reduces, block.iter_vars))]
    return sums[0] if len(blocks) == len(sums) == 1 else None
