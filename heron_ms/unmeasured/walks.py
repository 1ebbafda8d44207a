"""How a block walks through memory along one of its loops."""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import (
    Call,
    For,
    LoopRV,
    SBlockRealize,
    SBlockRV,
    Schedule,
    TensorLoad,
    collect,
    constant,
    detect_linear_equation,
    reduces,
    uses,
)


def walks_along(sch: Schedule, block: SBlockRV, loop: LoopRV) -> bool:
    """Whether each step of a loop goes on by one element, or none, in whatever a block accesses."""
    variables = _variables(sch, block, loop)
    if len(variables) != 1:
        return False
    return all(_steps_by_one(indices, variables[0]) for indices in _indices(sch, block))


def walks(sch: Schedule, block: SBlockRV, loop: LoopRV) -> bool:
    """Whether each step of a loop goes on within what is contiguous of anything that is loaded."""
    variables = _variables(sch, block, loop)
    lasts = [indices[-1] for indices in _indices(sch, block) if indices]
    return any(uses(last, variable) for last in lasts for variable in variables)


def is_reducing(sch: Schedule, block: SBlockRV, loop: LoopRV) -> bool:
    """Whether a loop is one of a block's reduction."""
    variable = sch.get(loop).loop_var
    reducing = [value for iterator, value in _bound(sch, block) if reduces(iterator)]
    return any(uses(value, variable) for value in reducing)


def chooses_along(sch: Schedule, block: SBlockRV, loop: LoopRV) -> bool:
    """Whether a block chooses between values anew at each step of a loop.

    TVM takes a vector of such choices apart, element by element; LLVM makes a mask of them.
    """
    calls = collect(sch.get(block).body, Call)
    conditions = [call.args[0] for call in calls if _chooses(call)]
    variables = _variables(sch, block, loop)
    return any(uses(condition, variable) for condition in conditions for variable in variables)


def _chooses(call: Any) -> bool:
    return str(getattr(call.op, "name", "")).endswith("if_then_else")


def _steps_by_one(indices: list[Any], variable: Any) -> bool:
    if not indices:
        return True
    *outer, last = indices
    if any(uses(index, variable) for index in outer):
        return False
    if not uses(last, variable):
        return True
    coefficients = detect_linear_equation(last, [variable])
    return bool(coefficients) and constant(coefficients[0]) == 1


def _variables(sch: Schedule, block: SBlockRV, loop: LoopRV) -> list[Any]:
    """Of the iterators that a loop is part of."""
    variable = sch.get(loop).loop_var
    return [iterator.var for iterator, value in _bound(sch, block) if uses(value, variable)]


def _indices(sch: Schedule, block: SBlockRV) -> list[list[Any]]:
    """Of every load of a block, but those of what it sums up."""
    node = sch.get(block)
    written = [region.source for region in node.writes]
    loads = collect(node.body, TensorLoad)
    return [
        list(load.indices)
        for load in loads
        if not any(load.source.same_as(buffer) for buffer in written)
    ]


def _bound(sch: Schedule, block: SBlockRV) -> list[tuple[Any, Any]]:
    """The iterators of a block, and the expressions of loops that they are."""
    reference = sch.get_sref(block)
    node, parent = reference.stmt, reference.parent.stmt
    within = parent.body if isinstance(parent, For) else sch.mod["main"].body
    [realize] = [r for r in collect(within, SBlockRealize) if r.block.same_as(node)]
    return list(zip(node.iter_vars, realize.iter_values, strict=True))
