"""The events of a search: sketches, what became no candidate, what a model learned."""

from __future__ import annotations

import json

from heron_ms._tvm import Trace
from heron_ms.constraints import ConstrainedSketch
from heron_ms.events.bus import is_heard, tell
from heron_ms.events.kinds import CandidateTried, ModelLearned, SketchMade
from heron_ms.measure.telling import sketch_id
from heron_ms.search.explorer import Explorer

TOLD = 24
"""Variables of which is told how much a model goes by them."""


def tell_sketch(task: str, made: ConstrainedSketch) -> None:
    """Tell of a sketch whose constraints were derived."""
    if is_heard():
        problem = made.problem
        sizes = {"variables": len(problem.variables), "constraints": len(problem.constraints)}
        _tell_sketch(task, made.sketch.trace, **sizes)


def tell_stock_sketch(task: str, trace: Trace) -> None:
    """Tell of a sketch from which nobody derives constraints."""
    if is_heard():
        _tell_sketch(task, trace, variables=None, constraints=None)


def tell_refused(task: str, sketch: ConstrainedSketch, failure: str, error: str) -> None:
    """Tell of an individual that became no candidate."""
    if is_heard():
        named = sketch_id(sketch.sketch.trace)
        tell(CandidateTried(task=task, sketch=named, failure=failure, error=error[:300]))


def tell_learned(task: str, explorer: Explorer) -> None:
    """Tell what the model of a search goes by, if it has one that goes by variables."""
    importance = explorer.importance() if is_heard() else {}
    total = sum(importance.values())
    if total:
        first = sorted(importance.items(), key=lambda pair: -pair[1])[:TOLD]
        shares = {name: round(weight / total, 4) for name, weight in first}
        measured = len(explorer.measured)
        tell(ModelLearned(task=task, measured=measured, importance=json.dumps(shares)))


def _tell_sketch(task: str, trace: Trace, variables: int | None, constraints: int | None) -> None:
    called = [str(inst.attrs[0]) for inst in trace.insts if str(inst.kind.name) == "Tensorize"]
    annotated = [
        str(inst.inputs[1])
        for inst in trace.insts
        if str(inst.kind.name) == "Annotate" and "auto_tensorize" in str(inst.attrs[0])
    ]
    tell(
        SketchMade(
            task=task,
            sketch=sketch_id(trace),
            variables=variables,
            constraints=constraints,
            intrinsics=", ".join(dict.fromkeys([*called, *annotated])),
        )
    )
