"""Any strategy of MetaSchedule, ours or its own, that ends when a budget says so."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from heron_ms._tvm import PySearchStrategy, Schedule, derived_object
from heron_ms.budget.pace import Pace
from heron_ms.search.telling import tell_stock_sketch


class _Paced(PySearchStrategy):  # type: ignore[misc]
    """See `Paced`."""

    def __init__(self, inner: Any, pace: Pace) -> None:
        super().__init__()
        self._inner = inner
        self._pace = pace
        self._task = ""

    def _initialize_with_tune_context(self, context: Any) -> None:
        self._task = str(context.task_name)
        self._inner._initialize_with_tune_context(context)

    def pre_tuning(
        self,
        max_trials: int,
        num_trials_per_iter: int,
        design_spaces: list[Schedule],
        database: Any = None,
        cost_model: Any = None,
    ) -> None:
        if not hasattr(self._inner, "limit"):
            for sch in design_spaces:
                tell_stock_sketch(self._task, sch.trace)
        self._inner.pre_tuning(max_trials, num_trials_per_iter, design_spaces, database, cost_model)

    def post_tuning(self) -> None:
        self._inner.post_tuning()

    def generate_measure_candidates(self) -> list[Any] | None:
        """As many as fit; None where the search is over."""
        most = self._pace.allowed(self._task)
        if not most:
            return None
        if hasattr(self._inner, "limit"):
            self._inner.limit(most)
        begun = perf_counter()
        candidates = self._inner.generate_measure_candidates()
        self._pace.searched(perf_counter() - begun)
        return None if candidates is None else list(candidates)[:most]

    def notify_runner_results(self, measure_candidates: list[Any], results: list[Any]) -> None:
        begun = perf_counter()
        self._inner.notify_runner_results(measure_candidates, results)
        self._pace.learned(perf_counter() - begun)

    def clone(self) -> Any:
        # What the clone of one in Python returns is a handle, without what is ours.
        ours = hasattr(self._inner, "resuming")
        return Paced(self._inner.resuming() if ours else self._inner.clone(), self._pace)


Paced: Any = derived_object(_Paced)
"""``Paced(strategy, pace)``: the strategy, asked for no more at a time than `Pace` allows.

One of ours is told before it makes candidates, by its ``limit``; of another's some are left out.
"""
