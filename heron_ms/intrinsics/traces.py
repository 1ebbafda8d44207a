"""Traces that come as text: TVM is told of the intrinsics that they name before it replays them.

A trace that was made in this process names only what was asked for here. One from a file, or from
another process, may name any intrinsic, and TVM raises for one that it was not told of.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import Schedule, Trace, ms
from heron_ms.intrinsics.registry import called


def names_in(trace: Any) -> set[str]:
    """The intrinsics that a trace calls; ``trace`` is its JSON, [instructions, decisions]."""
    return {str(given[2][0]) for given in trace[0] if given[0] == "Tensorize"}


def make_known(trace: Any) -> None:
    """Have those of ours that a trace calls made, and what stands around them with them."""
    for name in names_in(trace):
        called(name)


def record_of(row: Any, workload: Any) -> Any:
    """The record of a workload that JSON says: [trace, seconds, target, arguments].

    Raises what TVM raises for one that it cannot replay.
    """
    make_known(row[0])
    return ms.database.TuningRecord.from_json(row, workload)


def replayed(trace: Any, sch: Schedule) -> Schedule:
    """A schedule to which the JSON of a trace was applied."""
    make_known(trace)
    Trace.apply_json_to_schedule(trace, sch)
    return sch
