"""Loops for a program that maps to no intrinsic: elementwise, reductions, softmax, norms, pools.

What is cheap is inlined; reductions along contiguous elements are split into lanes, and what is
left of an odd length goes apart; then everything is moved into the rows of the last block, whose
loops are parallel, and vectors are innermost.

Before: ``for i: for k: max..; for i, j: exp..; for i, k: sum..; for i, j: norm..``. After:
``parallel i: { for k: vector max..; for j: vector exp..; for k: vector sum..; for j: vector .. }``.
"""

from __future__ import annotations

from heron_ms._tvm import IRModule, Schedule, ScheduleError
from heron_ms.errors import HeronError
from heron_ms.hardware import Cpu, Machine
from heron_ms.unmeasured.inlining import inline_cheap
from heron_ms.unmeasured.lanes import split_reductions
from heron_ms.unmeasured.rows import gather_rows
from heron_ms.unmeasured.tails import split_tails
from heron_ms.unmeasured.vectors import vectorise_blocks


def scheduled_by_loops(program: IRModule, machine: Cpu) -> IRModule:
    """The function "main" of a program with loops; raises what TVM's primitives raise."""
    return _scheduled(IRModule({"main": split_tails(program["main"])}), machine).mod


def one_by_loops(program: IRModule, machine: Machine) -> Schedule | None:
    """The schedule of a program by its loops, for a space that has no other of it.

    None where TVM refuses it, where the program has odd reductions, and on what is no CPU.
    """
    if not isinstance(machine, Cpu) or not split_tails(program["main"]).same_as(program["main"]):
        return None
    try:
        return _scheduled(program, machine)
    except (HeronError, ScheduleError):
        return None


def _scheduled(program: IRModule, machine: Cpu) -> Schedule:
    sch = Schedule(program, debug_mask="none", error_render_level="none")
    inline_cheap(sch)
    split_reductions(sch, machine)
    rows = gather_rows(sch, machine)
    vectorise_blocks(sch, rows, machine)
    return sch
