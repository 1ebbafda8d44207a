"""Interval propagation over a whole problem: one interval a variable, to a fixpoint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from heron_ms.csp.constraints import Constraint
from heron_ms.csp.intervals import Bounds, Interval

PASSES = 30


def propagate(
    intervals: Mapping[str, Interval], constraints: Iterable[Constraint]
) -> dict[str, Interval] | None:
    """Tighten scalar `intervals` until nothing changes; None where one becomes empty.

    Stops after `PASSES` rounds: `x < y < x` on a wide domain would take one round a value, and a
    bound that is not yet tight is still correct.
    """
    bounds = Bounds(dict(intervals))
    todo = tuple(constraints)
    for _ in range(PASSES):
        before = dict(bounds.intervals)
        for constraint in todo:
            constraint.prune(bounds)
            if not bounds.alive:
                return None
        if bounds.intervals == before:
            break
    return bounds.intervals
