"""A postprocessor that starts a moved sum where it is summed up, which MetaSchedule's own does not.

Before: ``for k: for j: { for r: S (+)= a[r];  C += S * b[k, j] }``, a sum that was moved into the
loops of its reader. `RewriteReductionBlock` takes the start of S out to the outermost loop that any
block below reduces over, here k, so that S is added up once for each turn of k and of j, from a
start that came once: wrong, and in silence. After: the start inside of every loop that is not the
sum's own, here before r. What is left without an init, `RewriteReductionBlock` does not touch.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import (
    For,
    PrimFunc,
    SBlockRealize,
    Schedule,
    collect,
    constant,
    derived_object,
    ms,
    reduces,
    uses,
)


class _DecomposeMoved(ms.postproc.PyPostproc):  # type: ignore[misc]
    """See `DecomposeMoved`."""

    def _initialize_with_tune_context(self, context: Any) -> None:
        """It needs nothing of a context."""

    def apply(self, sch: Schedule) -> bool:
        """False where no loop would be right."""
        return all(_decompose(sch, realize, name) for realize, name in sums(sch))

    def clone(self) -> Any:
        return DecomposeMoved()


DecomposeMoved: Any = derived_object(_DecomposeMoved)
"""``DecomposeMoved()``: to be applied before `RewriteReductionBlock`."""


def _decompose(sch: Schedule, realize: Any, function: str) -> bool:
    block = sch.get_sblock(str(realize.block.name_hint), function)
    loops = around(sch, block)
    foreign = [p for p, loop in enumerate(loops) if _is_foreign(loop, realize)]
    if not foreign:
        return True
    inside = loops[foreign[-1] + 1 :]
    reducing = [loop for loop in loops if reduces_over(loop, realize)]
    if not inside or any(loop not in inside for loop in reducing):
        return False
    point = loops.index((reducing or inside)[0])
    sch.decompose_reduction(block, sch.get_loops(block)[point])
    return True


def sums(sch: Schedule) -> list[tuple[Any, str]]:
    """What sums up and has not started, with the name of its function."""
    return [
        (realize, str(name.name_hint))
        for name, func in sch.mod.functions_items()
        if isinstance(func, PrimFunc)
        for realize in collect(func.body, SBlockRealize)
        if realize.block.init is not None
    ]


def around(sch: Schedule, block: Any) -> list[For]:
    """The loops around a block, outermost first."""
    loops: list[For] = []
    reference = sch.get_sref(block).parent
    while isinstance(reference.stmt, For):
        loops.append(reference.stmt)
        reference = reference.parent
    return loops[::-1]


def _is_foreign(loop: For, realize: Any) -> bool:
    """Whether a loop repeats a block without any of its iterators changing."""
    used = any(uses(value, loop.loop_var) for value in realize.iter_values)
    return constant(loop.extent) != 1 and not used


def reduces_over(loop: For, realize: Any) -> bool:
    """Whether a block is summed up over a loop around it."""
    iterators = zip(realize.block.iter_vars, realize.iter_values, strict=True)
    return any(reduces(iterator) and uses(value, loop.loop_var) for iterator, value in iterators)
