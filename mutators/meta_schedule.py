"""A MetaSchedule mutator that stays in the constraints, for stock's evolutionary search."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from heron_ms._tvm import Trace, derived_object, ms
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.csp import In
from heron_ms.hardware import Machine, for_target
from heron_ms.sketch import Sketch, sampling, trace_key


class _MutateAssignment(ms.mutator.PyMutator):  # type: ignore[misc]
    """See `MutateAssignment`."""

    def __init__(self, sketches: Iterable[ConstrainedSketch] = ()) -> None:
        super().__init__()
        self._mod: Any = None
        self._machine: Machine | None = None
        self._rng = np.random.default_rng(0)
        self._given = tuple(sketches)
        self._sketches = {sketch.key: sketch for sketch in self._given}

    def _initialize_with_tune_context(self, context: Any) -> None:
        self._mod = context.mod
        self._machine = for_target(context.target)
        self._rng = np.random.default_rng(int(context.rand_state) % 2**32)

    def apply(self, trace: Trace, _: Any = None) -> Trace | None:
        """A neighbour of the trace: its assignment with a tile or a choice drawn again.

        None where there is nothing to choose, or no program.
        """
        sketch = self._sketch(trace)
        if not _has_choice(sketch):
            return None
        assignment = sketch.assignment_of(trace)
        inherited = [] if assignment is None else self._inherited(sketch, assignment)
        # `sample_each` solves one problem of many constraints far quicker than `sample`.
        [row] = sketch.problem.sample_each(self._rng, [inherited])
        if row is None:
            return None
        drawn = dict(zip(sketch.problem.names, row.tolist(), strict=True))
        decisions = dict(zip(sampling(trace), sketch.decisions(drawn), strict=True))
        return Trace(list(trace.insts), decisions)

    def clone(self) -> Any:
        return MutateAssignment(self._given)

    def _inherited(self, sketch: ConstrainedSketch, assignment: dict[str, int]) -> list[In]:
        """The parent's values of all knobs but one, which is drawn again."""
        keep = [knob.variables for knob in sketch.knobs]
        freed = int(self._rng.integers(len(keep)))
        return [
            In(name, frozenset((assignment[name],)), rule="mutation")
            for position, names in enumerate(keep)
            if position != freed
            for name in names
        ]

    def _sketch(self, trace: Trace) -> ConstrainedSketch:
        key = trace_key(trace)
        if key not in self._sketches:
            assert self._machine is not None
            self._sketches[key] = constrain(Sketch(self._mod, trace), self._machine)
        return self._sketches[key]


MutateAssignment: Any = derived_object(_MutateAssignment)
"""``MutateAssignment(sketches=())`` draws one sampling instruction's decision again, under the
constraints of the others: those of the given sketches, or else what is derived from a trace."""


def _has_choice(sketch: ConstrainedSketch) -> bool:
    decided = {name for knob in sketch.knobs for name in knob.variables}
    return any(len(v.domain) > 1 for v in sketch.problem.variables if v.name in decided)


def constrained_mutators() -> dict[Any, float]:
    """The mutators of `HeronSpace`, with their probabilities."""
    return {MutateAssignment(): 1.0}
