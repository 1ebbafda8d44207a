"""Where stock's blocks are computed, as a choice between sketches instead of a decision.

MetaSchedule samples the loop that a block is moved to. Which loops it admits depends on the extents
that other decisions give them and on where the block's readers went, so TVM replaces what an
assignment asks for. Here the locations of a sketch are drawn once, and each drawing is a sketch.

Before: ``l = sch.sample_compute_location(b); sch.compute_at(b, l)``. After:
``c, = sch.get_consumers(b); l0, l1, l = sch.get_loops(c); sch.compute_at(b, l)``, or
``sch.compute_inline(b)``, or nothing for a block that stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import Instruction, InstructionKind, IRModule, LoopRV, SBlockRV, Schedule, Trace
from heron_ms.sketch import trace_key

MOST = 48
"""Sketches of one program; more would take longer to read than to search."""
SAMPLED = "SampleComputeLocation"
INLINED = -2


@dataclass(frozen=True)
class _Location:
    """Where a block goes.

    loop: the number of one of its consumer's loops, or what stands for none. consumers: how many it
    has. loops: how many the first one of them has.
    """

    loop: int
    consumers: int
    loops: int


def located(mod: IRModule, sketches: Sequence[Schedule]) -> list[Schedule]:
    """The sketches, each with sampled locations as several with fixed ones; the same each time."""
    moving = [sketch for sketch in sketches if _samples(sketch.trace)]
    drawings = {id(sketch): [sketch] for sketch in sketches if sketch not in moving}
    draws = max(1, (MOST - len(drawings)) // max(1, len(moving)))
    for sketch in moving:
        drawn = (_drawn(mod, list(sketch.trace.insts), seed) for seed in range(1, draws + 1))
        drawings[id(sketch)] = list(
            {trace_key(drawing.trace): drawing for drawing in drawn}.values()
        )
    return [drawing for sketch in sketches for drawing in drawings[id(sketch)]]


def _samples(trace: Trace) -> bool:
    return any(str(inst.kind.name) == SAMPLED for inst in trace.insts)


def _drawn(mod: IRModule, insts: list[Instruction], seed: int) -> Schedule:
    """One drawing of all decisions, its locations fixed."""
    sch = Schedule(mod, seed=seed)
    readers: dict[int, tuple[int, int]] = {}

    def before_each(inst: Instruction, inputs: Any, attrs: Any, decision: Any) -> Any:
        if str(inst.kind.name) == SAMPLED:
            readers[len(sch.trace.insts)] = _readers(sch.copy(), inputs[0])
        return decision

    Trace(insts, {}).apply_to_schedule(sch, False, before_each)
    decided = [sch.trace.get_decision(inst) for inst in sch.trace.insts]
    at = {
        position: _Location(int(decided[position]), *counts) for position, counts in readers.items()
    }
    fixed = Trace(
        list(_fixed(insts, at)),
        {i: d for i, d in zip(insts, decided, strict=True) if d is not None},
    )
    again = Schedule(mod)
    fixed.apply_to_schedule(again, remove_postproc=False)
    return again


def _readers(sch: Schedule, block: SBlockRV) -> tuple[int, int]:
    """The number of consumers of a block, and of the loops of the first one."""
    consumers = sch.get_consumers(block)
    return len(consumers), len(sch.get_loops(consumers[0])) if len(consumers) else 0


def _fixed(insts: list[Instruction], at: dict[int, _Location]) -> Iterator[Instruction]:
    """The instructions without those that sample a location."""
    locations: dict[Any, _Location] = {}
    for position, inst in enumerate(insts):
        if position in at:
            locations[inst.outputs[0]] = at[position]
            yield from _looked_up(inst, at[position])
        elif str(inst.kind.name) == "ComputeAt" and inst.inputs[1] in locations:
            location = locations[inst.inputs[1]].loop
            if location >= 0:
                yield inst
            elif location == INLINED:
                yield _instruction("ComputeInline", [inst.inputs[0]], [])
        else:
            yield inst


def _looked_up(inst: Instruction, location: _Location) -> Iterator[Instruction]:
    """What names the loop that was sampled."""
    if location.loop < 0:
        return
    consumers = [SBlockRV() for _ in range(location.consumers)]
    loops = [LoopRV() for _ in range(location.loops)]
    loops[location.loop] = inst.outputs[0]
    yield _instruction("GetConsumers", [inst.inputs[0]], consumers)
    yield _instruction("GetLoops", [consumers[0]], loops)


def _instruction(kind: str, inputs: list[Any], outputs: list[Any]) -> Instruction:
    return Instruction(InstructionKind.get(kind), inputs, [], outputs)
