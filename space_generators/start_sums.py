"""A postprocessor that starts sums ahead of their loops, but those that start in their first turn.

Before: ``for k0: { tiles of C_rf[k0] ...; C (+)= C_rf[k0] }``, a sum of blocks of a reduction.
MetaSchedule's `RewriteReductionBlock` has zeros stored to all of C first, which the first turn of
k0 then loads again, from wherever they have gone meanwhile. After: the same, and TVM stores a zero
where the first turn is about to add, ``if k0 == 0``, so that it comes from the first cache. Any
sketch without such a sum is left to `RewriteReductionBlock`.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import SBlockRV, Schedule, derived_object, ms
from heron_ms.space_generators.decompose import around, reduces_over, sums

STARTS_INSIDE = "heron_ms.starts_inside"


def start_inside(sch: Schedule, block: SBlockRV) -> None:
    """Say of a sum that it starts in the first turn of what it is summed up over."""
    sch.annotate(block, STARTS_INSIDE, True)


class _StartSums(ms.postproc.PyPostproc):  # type: ignore[misc]
    """See `StartSums`."""

    def __init__(self) -> None:
        super().__init__()
        self._stock = ms.postproc.RewriteReductionBlock()

    def _initialize_with_tune_context(self, context: Any) -> None:
        self._stock._initialize_with_tune_context(context)

    def apply(self, sch: Schedule) -> bool:
        """False where `RewriteReductionBlock` says so."""
        waiting = sums(sch)
        if not any(STARTS_INSIDE in realize.block.annotations for realize, _ in waiting):
            return bool(self._stock.apply(sch))
        for realize, function in waiting:
            if STARTS_INSIDE not in realize.block.annotations:
                _start_ahead(sch, realize, function)
        return True

    def clone(self) -> Any:
        return StartSums()


StartSums: Any = derived_object(_StartSums)
"""``StartSums()``: in the place of `RewriteReductionBlock`."""


def _start_ahead(sch: Schedule, realize: Any, function: str) -> None:
    """Start a sum before the outermost loop that it is summed up over, if there is one."""
    block = sch.get_sblock(str(realize.block.name_hint), function)
    loops = around(sch, block)
    at = next((p for p, loop in enumerate(loops) if reduces_over(loop, realize)), None)
    if at is not None:
        sch.decompose_reduction(block, sch.get_loops(block)[at])
