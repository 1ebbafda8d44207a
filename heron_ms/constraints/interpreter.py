"""The interpreter: replays a trace beside a concrete schedule and lets the rules describe it.

TVM offers a callback before every instruction of a replay. When it is called for one, the one
before has just been applied and stands last in the new schedule's trace, with its outputs; what a
rule needs of the state before an instruction (the loop that a split consumes) is looked up first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import For, Instruction, LoopRV, SBlockRV, Schedule
from heron_ms.constraints.bind import limit_threads
from heron_ms.constraints.c1_split import sample_perfect_tile, split
from heron_ms.constraints.c2_fuse import fuse
from heron_ms.constraints.c3_candidates import sample_categorical, sample_compute_location
from heron_ms.constraints.c4_stage import count_out, moved, repeated
from heron_ms.constraints.c5_memory import limit_scopes
from heron_ms.constraints.c6_dla import Asks, asks_of
from heron_ms.constraints.describe import describe
from heron_ms.constraints.loops import Loop
from heron_ms.constraints.state import State
from heron_ms.hardware import Machine
from heron_ms.hardware.structure import ANNOTATION
from heron_ms.intrinsics.registry import called
from heron_ms.sketch import Sketch


@dataclass(frozen=True)
class Before:
    """What the rules need of the schedule before an instruction: input loops, nest of a block."""

    loops: tuple[Loop, ...]
    around: tuple[For, ...]
    user: Instruction | None


def interpret(sketch: Sketch, machine: Machine) -> State:
    """Walk a sketch and return all that its constraint rules say."""
    state, asks = State(Schedule(sketch.mod), machine), asks_of(machine)
    insts = list(sketch.trace.insts)
    users = _users(insts)
    pending: list[Before] = []

    def before_each(inst: Instruction, inputs: Any, attrs: Any, decision: Any) -> Any:
        _finish(state, asks, pending)
        original = insts[len(state.sch.trace.insts)]
        pending.append(_look(state, inst, inputs, users.get(_first(original))))
        return decision

    sketch.trace.apply_to_schedule(state.sch, remove_postproc=False, decision_provider=before_each)
    _finish(state, asks, pending)
    for block in state.tensorized:
        for ask in asks.blocks:
            ask(state, block)
    limit_scopes(state)
    limit_threads(state)
    describe(state)
    return state


def _finish(state: State, asks: Asks, pending: list[Before]) -> None:
    if pending:
        inst = state.sch.trace.insts[-1]
        kind, before = str(inst.kind.name), pending.pop()
        if kind in _RULES:
            _RULES[kind](state, inst, before)
        if kind in asks.after:
            asks.after[kind](state, inst, before.loops)


def _look(state: State, inst: Instruction, inputs: Any, user: Instruction | None) -> Before:
    # By reference: `Schedule.get` refuses the marks that stand for the root and for inlining.
    loops = [state.sch.get_sref(rv).stmt for rv in inputs if isinstance(rv, LoopRV)]
    blocks = [rv for rv in inputs if isinstance(rv, SBlockRV)]
    around: tuple[For, ...] = ()
    if str(inst.kind.name) == "DecomposeReduction":
        around = tuple(state.loops.around(blocks[0]))
    if str(inst.kind.name) == "RFactor":
        around = tuple(state.loops.around_loop(loops[0]))
    known = tuple(state.loops.at(loop) for loop in loops if isinstance(loop, For))
    return Before(known, around, user)


def _users(insts: list[Instruction]) -> dict[Any, Instruction]:
    """For each random variable, the last instruction that takes it."""
    return {rv: inst for inst in insts for rv in inst.inputs if hasattr(rv, "same_as")}


def _first(inst: Instruction) -> Any:
    return inst.outputs[0] if len(inst.outputs) else None


def _get_loops(state: State, inst: Instruction, before: Before) -> None:
    state.learn_axes(inst.inputs[0])


def _split(state: State, inst: Instruction, before: Before) -> None:
    split(state, inst, before.loops[0], list(inst.inputs[1:]))


def _rfactor(state: State, inst: Instruction, before: Before) -> None:
    part, (factor,) = inst.outputs[0], before.loops
    repeated(state, part, list(before.around))
    if factor.extent != 1:
        count_out(state, part, factor)


def _unroll(state: State, inst: Instruction, before: Before) -> None:
    state.unrolled.add(before.loops[0])


def _annotate(state: State, inst: Instruction, before: Before) -> None:
    if str(inst.attrs[0]) == ANNOTATION and isinstance(inst.inputs[0], SBlockRV):
        state.structures[str(state.sch.get(inst.inputs[0]).name_hint)] = str(inst.inputs[1])


def _tensorize(state: State, inst: Instruction, before: Before) -> None:
    if isinstance(inst.inputs[0], SBlockRV):
        state.tensorized.append(inst.inputs[0])
        intrinsic = called(str(inst.attrs[0]))
        if intrinsic is not None:
            state.intrinsics[state.block_name(inst.inputs[0])] = intrinsic


_RULES: dict[str, Callable[[State, Instruction, Before], None]] = {
    "GetLoops": _get_loops,
    "SamplePerfectTile": lambda s, i, b: sample_perfect_tile(s, i, b.loops[0]),
    "SampleCategorical": lambda s, i, b: sample_categorical(s, i, b.user),
    "SampleComputeLocation": lambda s, i, b: sample_compute_location(s, i, i.inputs[0]),
    "Split": _split,
    "Fuse": lambda s, i, b: fuse(s, i, list(b.loops)),
    "ComputeAt": lambda s, i, b: moved(s, i.inputs[0], i.inputs[1], reverse=False),
    "ReverseComputeAt": lambda s, i, b: moved(s, i.inputs[0], i.inputs[1], reverse=True),
    "DecomposeReduction": lambda s, i, b: repeated(s, i.outputs[0], list(b.around), "_init"),
    "RFactor": _rfactor,
    "Unroll": _unroll,
    "Annotate": _annotate,
    "Tensorize": _tensorize,
}
