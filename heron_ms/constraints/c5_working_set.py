"""C5 AddMemLimit (Heron's constraint rules) on a CPU, whose memories hold what they will.

For a tensorized block: the accumulators of the unrolled register tile, with the operand vectors
that they need, fit in the vector registers; what one sweep of the inner reduction touches fits in
L1; what one chunk of the outer reduction touches, with the accumulator tile, fits in a core's L2.
All three are preferences, for what does not fit is spilled or evicted. Only the first is exact: one
register too many and LLVM spills in the innermost loop. An intrinsic that widens its factors holds
two registers for each vector of them. Tile registers ask for no more of L1 than
one factor, as the other is loaded anew for each row of tiles, past it; and not even that is a
preference, as L2 is fast enough for one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from heron_ms._tvm import SBlock, SBlockRV, itemsize
from heron_ms.constraints import access
from heron_ms.constraints.blocking import Blocking, Step, steps
from heron_ms.constraints.c4_stage import covered
from heron_ms.constraints.loops import Loop, span
from heron_ms.constraints.state import State, base_name
from heron_ms.csp import Le, Operand
from heron_ms.csp.meaning import HELD, TOUCHED, Meaning
from heron_ms.hardware.cpu.cpu import REGISTERS
from heron_ms.hardware.memory import GLOBAL
from heron_ms.hardware.structure import REDUCTION, positions


def limit_working_set(state: State, block: SBlockRV) -> None:
    """Emit the limits of one tensorized block."""
    node = state.sch.get(block)
    loops = [state.loops.at(loop) for loop in state.loops.around(block)]
    if str(node.writes[0].source.scope()) == GLOBAL:
        _registers(state, node, {loop for loop in loops if loop in state.unrolled})
    name = str(node.name_hint).removesuffix("_update")
    reductions, levels = positions(state.structures.get(name, ""), REDUCTION), state.levels
    walks = [at for at, loop in enumerate(loops) if levels.get(loop) in reductions[-1:]]
    chunk = _chunk(loops, levels, reductions)
    if chunk and walks:
        walk = loops[walks[0] :]
        stays = _staying(node)
        walked = _cache(state, node, set(walk), "L1", stays)
        held = _cache(state, node, set(chunk), "L2")
        levels_of = (loops[: -len(chunk)], chunk[: -len(walk)], walk)
        _remember(state, node, levels_of, walked, held)


def _chunk(loops: list[Loop], levels: dict[Loop, int], reductions: tuple[int, ...]) -> list[Loop]:
    """The loops inside of the outer reduction; with one level of it, all that a task does."""
    if len(reductions) == 1:
        return [loop for loop in loops if levels.get(loop, 0) > 0]
    chunks = [at for at, loop in enumerate(loops) if levels.get(loop) in reductions[:1]]
    return loops[chunks[-1] + 1 :] if chunks else []


def _staying(node: SBlock) -> list[Any]:
    """The operands that L1 is to hold during a walk."""
    output, buffers = node.writes[0].source, _buffers(node)
    lanes = access.lanes_axis(node)
    if str(output.scope()) == GLOBAL or lanes is None:
        return buffers
    factors = [buffer for buffer in buffers if not buffer.same_as(output)]
    return [buffer for buffer in factors if not access.moves(node, buffer, lanes)]


def _registers(state: State, node: SBlock, tile: set[Loop]) -> None:
    """SUM and LE: accumulators + weight vectors + one broadcast of the activations."""
    name = base_name(str(node.name_hint))
    times = state.intrinsics[name].widened if name in state.intrinsics else 1
    output = _bytes(state, node, node.writes[0].source, tile, f"{name}.accumulators")
    weights = _bytes(state, node, access.wider_factor(node), tile, f"{name}.weights", times)
    if output is None or weights is None:
        return
    registers = state.machine.memory(REGISTERS)
    held = state.model.total(
        f"{name}.registers.bytes",
        [output, weights, times * registers.line],
        "C5",
        Meaning(HELD, memory=REGISTERS),
    )
    state.model.prefer(Le(held, registers.capacity, rule="C5"))


def _remember(
    state: State,
    node: SBlock,
    levels: Sequence[Sequence[Loop]],
    walked: Sequence[Operand],
    held: Sequence[Operand],
) -> None:
    """Keep how the block goes through its operands, where that is known."""
    *around, walk = levels
    inner = [loop for loop in walk if loop not in state.unrolled]
    tile = [loop for loop in walk if loop in state.unrolled]
    buffers, axes = _buffers(node), state.axes_of(node)
    parts = [steps(node, axes, buffers, loops) for loops in (*around, inner, tile)]
    known = [part for part in parts if part is not None]
    if walked and held and len(known) == len(parts):
        output = node.writes[0].source
        at = next(p for p, buffer in enumerate(buffers) if buffer.same_as(output))
        stays = _staying(node)
        streamed = frozenset(p for p, b in enumerate(buffers) if p != at and not _has(stays, b))
        vectors = _vectors(state, str(output.scope()))
        sizes = tuple(walked), tuple(held)
        in_blocks = base_name(str(node.name_hint)) in state.parts
        if in_blocks:
            known[0] = _added_up(known[0], at)
        state.blockings.append(Blocking(tuple(known), *sizes, at, vectors, streamed, in_blocks))


def _added_up(around: tuple[Step, ...], output: int) -> tuple[Step, ...]:
    """The loops around a chunk, the innermost over blocks of a sum: their parts become one sum."""
    *others, blocks = around
    return (*others, replace(blocks, moves=blocks.moves - {output}))


def _vectors(state: State, scope: str) -> int:
    """Those that fill a register of the memory that the results accumulate in."""
    memory = state.machine.memory_at(scope)
    return 1 if memory is None else max(1, memory.line // state.machine.memory(REGISTERS).line)


def _cache(
    state: State, node: SBlock, inside: set[Loop], level: str, stays: Sequence[Any] | None = None
) -> list[Operand]:
    """SUM and LE: the regions of operands inside some loops, all or those that are to stay there.

    Returns those of all of them; none if one is unknown.
    """
    name = f"{base_name(str(node.name_hint))}.{level}"
    parts: list[Operand] = []
    for buffer in _buffers(node):
        part = _bytes(state, node, buffer, inside, f"{name}.{buffer.name}")
        if part is None:
            return []
        parts.append(part)
    held = [
        part
        for buffer, part in zip(_buffers(node), parts, strict=True)
        if stays is None or _has(stays, buffer)
    ]
    total = state.model.total(f"{name}.bytes", held, "C5", Meaning(HELD, memory=level))
    if len(held) == len(parts):
        state.model.prefer(Le(total, state.machine.share(level), rule="C5"))
    return parts


def _bytes(
    state: State, node: SBlock, buffer: Any, inside: set[Loop], name: str, times: int = 1
) -> Operand | None:
    """The bytes of a buffer that a block touches while some loops run, each of them some times."""
    region = access.reads(node, buffer) or access.writes(node, buffer)
    ranges = [1 if a is None else span(state.model, a, inside) for a in state.axes_of(node)]
    if region is None or not ranges:
        return None
    sizes = [
        covered(state, f"{name}.dim{d}", dimension, ranges) for d, dimension in enumerate(region)
    ]
    if None in sizes:
        return None
    known = [size for size in sizes if size is not None]
    factors, touched = [*known, itemsize(buffer) * times], Meaning(TOUCHED)
    return state.model.product(f"{name}.bytes", factors, "C5", meaning=touched)


def _buffers(node: SBlock) -> list[Any]:
    """The operands of a block, each once."""
    buffers: list[Any] = []
    for region in (*node.reads, *node.writes):
        if not _has(buffers, region.source):
            buffers.append(region.source)
    return buffers


def _has(buffers: Sequence[Any], sought: Any) -> bool:
    return any(sought.same_as(buffer) for buffer in buffers)
