"""C1 AddLoopSplit (Heron's constraint rules): a loop is the product of those it is split into."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from heron_ms._tvm import Instruction
from heron_ms.constraints.loops import Loop
from heron_ms.constraints.state import Knob, State
from heron_ms.csp import TUNABLE, Le, Operand, Prod


def sample_perfect_tile(state: State, inst: Instruction, loop: Loop) -> None:
    """New tile factors of a loop, PROD(loop, factors); the innermost has its own limit."""
    if not isinstance(loop.extent, int):
        raise NotImplementedError(f"tile factors of {loop.name}, whose extent is not constant")
    values = [int(factor) for factor in state.sch.trace.get_decision(inst)]
    divisors = tuple(d for d in range(1, loop.extent + 1) if loop.extent % d == 0)
    names = tuple(
        state.model.variable(f"{loop.name}.{level}", divisors, value, TUNABLE)
        for level, value in enumerate(values)
    )
    state.model.add(Prod(loop.extent, names, rule="C1"))
    limit = int(inst.attrs[1])
    if 0 < limit < loop.extent:
        state.model.add(Le(names[-1], limit, rule="C1"))
    state.scalars.update(zip(inst.outputs, names, strict=True))
    state.knobs.append(Knob(names, tiles=True))
    state.sampled.append((loop, names))


def split(state: State, inst: Instruction, loop: Loop, factors: Sequence[Any]) -> None:
    """Children of a loop; a factor left open is the rest."""
    extents = _extents(state, loop, [_factor(state, factor) for factor in factors])
    sampled = any(isinstance(extent, str) for extent in extents)
    for level, (rv, extent) in enumerate(zip(inst.outputs, extents, strict=True)):
        # The outer loop of a constant split goes by the axis's own name: C.j counts tiles then.
        name = f"{loop.name}.{level}" if sampled or level else loop.name
        child = Loop(name, extent, reduces=loop.reduces)
        loop.children.append(child)
        state.loops.set(state.sch.get(rv), child)


def _factor(state: State, factor: Any) -> Operand | None:
    if factor is None:
        return None
    return state.scalars[factor] if factor in state.scalars else int(factor)


def _extents(state: State, loop: Loop, factors: list[Operand | None]) -> list[Operand | None]:
    if None not in factors:
        if loop.extent is not None and not isinstance(loop.extent, int):
            state.model.add(
                Prod(
                    loop.extent,
                    tuple(factor for factor in factors if factor is not None),
                    rule="C1",
                )
            )
        return factors
    known = [factor for factor in factors if factor is not None]
    rest = _rest(state, loop, known)
    return [rest if factor is None else factor for factor in factors]


def _rest(state: State, loop: Loop, known: list[Operand]) -> Operand | None:
    """The extent of the open factor: a constant, or a variable r with PROD(loop, [r, known])."""
    inner = prod(state.model.value(factor) for factor in known)
    if loop.extent is None:
        return None
    whole = state.model.value(loop.extent)
    if isinstance(loop.extent, int) and all(isinstance(factor, int) for factor in known):
        return -(-whole // inner)
    if whole % inner:
        state.notes.append(f"{loop.name} is split imperfectly: its outer loop is not modelled")
        return None
    if all(isinstance(factor, int) for factor in known) and inner == 1:
        return loop.extent
    domain = range(1, state.model.highest(loop.extent) + 1)
    rest = state.model.variable(f"{loop.name}.0", domain, whole // inner, "loop")
    state.model.add(Prod(loop.extent, (rest, *known), rule="C1"))
    return rest
