"""MetaSchedule's choice of the layouts of constant weights, for machines that have a use for one.

`RewriteLayout` copies a constant argument so that it lies in the order in which loops read it, in a
block that a model runs once. Threads that share a copy in shared memory read it in the order of
their numbers, from which it would conclude nonsense, and the block would be one without threads.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import Schedule, derived_object, ms
from heron_ms.hardware import for_target
from heron_ms.space_generators.platforms import platform_of


class _LayOut(ms.postproc.PyPostproc):  # type: ignore[misc]
    """See `LayOut`."""

    def _initialize_with_tune_context(self, context: Any) -> None:
        self._stock: Any = None
        if platform_of(for_target(context.target)).lays_out:
            self._stock = ms.postproc.RewriteLayout()
            self._stock._initialize_with_tune_context(context)

    def apply(self, sch: Schedule) -> bool:
        """False where MetaSchedule's own refuses."""
        return self._stock is None or bool(self._stock.apply(sch))

    def clone(self) -> Any:
        return LayOut()


LayOut: Any = derived_object(_LayOut)
"""``LayOut()``: `RewriteLayout`, where the platform of the target ``lays_out`` weights by it."""
