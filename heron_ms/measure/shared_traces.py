"""Traces that have their instructions in common, so that thousands of records stay small.

A database keeps the trace of each record in memory, and with it some kilobytes that are the same
for most programs of a sketch, scattered over the memory of the schedule that is gone by then.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import Trace, structural_equal, structural_hash, trace_json


class SharedTraces:
    """The first trace of each list of instructions that was seen."""

    def __init__(self) -> None:
        self._seen: dict[int, list[tuple[Any, Trace]]] = {}

    def of(self, trace: Trace) -> Trace:
        """A trace that reads the same, with the instructions of an earlier one if there is one."""
        instructions, decided = trace_json(trace)
        alike = self._seen.setdefault(structural_hash(instructions), [])
        for other, first in alike:
            if structural_equal(other, instructions):
                return _with_decisions(first, trace, [int(position) for position, _ in decided])
        alike.append((instructions, trace))
        return trace


def _with_decisions(first: Trace, trace: Trace, positions: list[int]) -> Trace:
    ours, theirs, decisions = first.insts, trace.insts, trace.decisions
    return Trace(ours, {ours[at]: decisions[theirs[at]] for at in positions})
