"""The CSP of a sketch, and the way between assignments and decisions in both directions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from heron_ms._tvm import Schedule, Trace
from heron_ms.constraints.blocking import Blocking
from heron_ms.constraints.interpreter import interpret
from heron_ms.constraints.preferences import preferring
from heron_ms.constraints.state import Knob
from heron_ms.csp import Constraint, Problem, whole
from heron_ms.csp.meaning import HELD
from heron_ms.errors import DecisionError
from heron_ms.hardware import Machine, for_target, target_of
from heron_ms.sketch import Sketch, sampling

_NOWHERE = Machine(name="nowhere", source="decisions need no machine", memories=())


@dataclass(frozen=True)
class ConstrainedSketch:
    """A sketch with the problem that its trace states.

    ``knobs`` are the variables of each sampling instruction, in the order of the trace; ``notes``
    say what the rules could not model. ``given_up`` are the preferences that no program of the
    sketch keeps, so that the problem is without them. ``blockings``: how its tensorized blocks go
    through their operands, where that is known.
    """

    sketch: Sketch
    problem: Problem
    knobs: tuple[Knob, ...]
    notes: tuple[str, ...]
    given_up: tuple[Constraint, ...] = ()
    blockings: tuple[Blocking, ...] = ()

    @cached_property
    def key(self) -> str:
        """The sketch's key: a database record with the same one is an assignment of this CSP."""
        return self.sketch.key()

    def decisions(self, assignment: Mapping[str, int]) -> list[Any]:
        """What each sampling instruction decides under an assignment."""
        return [_decision(knob, assignment) for knob in self.knobs]

    def assignment(self, decisions: Sequence[Any]) -> dict[str, int] | None:
        """The assignment that decisions stand for; None where they break a constraint."""
        values: dict[str, int] = {}
        for knob, decision in zip(self.knobs, decisions, strict=True):
            values.update(_values(knob, decision))
        return self.problem.complete(values)

    def assignment_of(self, trace: Trace) -> dict[str, int] | None:
        """The assignment of a trace of this sketch; None for one outside the constraints."""
        return self.assignment([trace.get_decision(i) for i in sampling(trace)])

    def held(self, memory: str, assignment: Mapping[str, int]) -> int:
        """Bytes that a program holds in a memory of the machine at one time, at most."""
        meanings = ((variable.name, variable.meaning) for variable in self.problem.variables)
        return max(
            (
                assignment[name]
                for name, meaning in meanings
                if meaning is not None and (meaning.kind, meaning.memory) == (HELD, memory)
            ),
            default=0,
        )

    def materialize(self, assignment: Mapping[str, int]) -> Schedule:
        """The schedule of an assignment.

        Raises `DecisionError` if TVM changed a decision, `AssignmentError` for a variable that is
        missing, unknown or no integer.
        """
        asked = self.decisions(whole(assignment, self.problem.names))
        instructions = self.sketch.sampling()
        trace = Trace(list(self.sketch.trace.insts), dict(zip(instructions, asked, strict=True)))
        sch = Schedule(self.sketch.mod)
        trace.apply_to_schedule(sch, remove_postproc=True)
        got = [sch.trace.get_decision(i) for i in sampling(sch.trace)]
        if _plain(got) != _plain(asked):
            raise DecisionError(f"TVM replaced the decisions {asked} by {_plain(got)}")
        return sch


def constrain(sketch: Sketch, machine: Machine) -> ConstrainedSketch:
    """Derive the CSP of a sketch, ours or stock MetaSchedule's, for a machine."""
    state = interpret(sketch, machine)
    problem, given_up = preferring(state.model.problem(), state.model.preferences)
    notes = [
        *state.notes,
        *(f"no program keeps {constraint}, so it is given up" for constraint in given_up),
    ]
    return ConstrainedSketch(
        sketch, problem, tuple(state.knobs), tuple(notes), given_up, tuple(state.blockings)
    )


def derive_csp(sketch: Sketch, target: Any) -> Problem:
    """The constraint satisfaction problem that a sketch's trace states (Heron's constraint rules).

    Its solutions are the assignments that `materialize` turns into schedules. Raises `TargetError`
    for a target that heron_ms cannot describe, TypeError for what is no sketch.
    """
    return constrain(_sketch(sketch), for_target(target_of(target))).problem


def materialize(sketch: Sketch, assignment: Mapping[str, int]) -> Schedule:
    """The schedule of an assignment of a sketch's CSP.

    The CSP may be that of any machine: what follows from the decisions on one, such as the bytes in
    its memories, is not looked at. Raises `DecisionError` if TVM changed a decision,
    `AssignmentError` for a variable that is missing or no integer, TypeError for what is no sketch.
    """
    constrained = constrain(_sketch(sketch), _NOWHERE)
    known = set(constrained.problem.names)
    values = {name: value for name, value in assignment.items() if name in known}
    return constrained.materialize(values)


def _sketch(given: Any) -> Sketch:
    """A sketch; a schedule has its trace, but no longer the program that the trace begins with."""
    if isinstance(given, Sketch):
        return given
    if isinstance(given, Schedule) and not len(given.trace.insts):
        return Sketch(given.mod, given.trace)
    raise TypeError(
        f"a sketch is needed, not a {type(given).__name__}: heron_ms.Sketch(mod, schedule.trace), "
        "with the module as it was before it was scheduled"
    )


def _decision(knob: Knob, assignment: Mapping[str, int]) -> Any:
    values = [int(assignment[name]) for name in knob.variables]
    if knob.candidates is not None:
        return knob.candidates.index(values[0])
    return values if knob.tiles else values[0]


def _values(knob: Knob, decision: Any) -> dict[str, int]:
    if knob.candidates is not None:
        return {knob.variables[0]: knob.candidates[int(decision)]}
    values = [int(factor) for factor in decision] if knob.tiles else [int(decision)]
    return dict(zip(knob.variables, values, strict=True))


def _plain(decisions: Sequence[Any]) -> list[Any]:
    """Decisions as plain Python, whether TVM's containers or ours."""
    return [
        [int(factor) for factor in decision] if isinstance(decision, Sequence) else int(decision)
        for decision in decisions
    ]
