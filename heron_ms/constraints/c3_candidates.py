"""C3 AddCandidates (Heron's constraint rules): a knob with a list of values is one of them."""

from __future__ import annotations

from heron_ms._tvm import Instruction, SBlockRV
from heron_ms.constraints.state import Knob, State
from heron_ms.csp import TUNABLE, In

DEEPEST = 20
"""No nest that MetaSchedule makes has more loops to compute at."""


def sample_categorical(state: State, inst: Instruction, user: Instruction | None) -> None:
    """IN(v, candidates); v is the value, not its index, unless values repeat."""
    candidates = tuple(int(candidate) for candidate in inst.attrs[0])
    index = int(state.sch.trace.get_decision(inst))
    if len(set(candidates)) < len(candidates):
        candidates = tuple(range(len(candidates)))
    domain = tuple(sorted(candidates))
    name = state.model.variable(_name(user), domain, candidates[index], TUNABLE)
    state.model.add(In(name, frozenset(candidates), rule="C3"))
    state.scalars[inst.outputs[0]] = name
    state.knobs.append(Knob((name,), candidates))


def sample_compute_location(state: State, inst: Instruction, block: SBlockRV) -> None:
    """IN(location, what MetaSchedule admits): -1 the root, -2 inlined, else a loop's number."""
    positions = tuple(p for p in range(-2, DEEPEST) if _admits(state, block, p))
    value = int(state.sch.trace.get_decision(inst))
    name = f"{state.block_name(block)}.location"
    name = state.model.variable(name, positions, value, TUNABLE)
    state.model.add(In(name, frozenset(positions), rule="C3"))
    state.sampled_locations.add(inst.outputs[0])
    state.knobs.append(Knob((name,)))


def _admits(state: State, block: SBlockRV, position: int) -> bool:
    """Whether TVM keeps the position as asked; it replaces those that it does not admit."""
    trial = state.sch.copy()
    trial.sample_compute_location(block, decision=position)
    trace = trial.trace
    return int(trace.get_decision(trace.insts[-1])) == position


def _name(user: Instruction | None) -> str:
    """What the value is for, by the annotation that uses it."""
    if user is None or str(user.kind.name) != "Annotate":
        return "categorical"
    return str(user.attrs[0]).removeprefix("meta_schedule.")
