"""An explorer as a search strategy of MetaSchedule.

It turns individuals into MetaSchedule's candidates, drops those that TVM objects to, counts trials,
and takes what the database already holds as measured.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import numpy as np

from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import ArgInfo, MeasureCandidate, PySearchStrategy, Schedule, derived_object
from heron_ms.constraints import constrain
from heron_ms.errors import HeronError, is_ctrl_c
from heron_ms.hardware import for_target
from heron_ms.measure.records import records_for, seconds_of
from heron_ms.search.explorer import ATTEMPTS, Explorer
from heron_ms.search.space import Individual, SearchSpace
from heron_ms.sketch import Sketch

logger = logging.getLogger(__name__)


class _ConstrainedSearch(PySearchStrategy):  # type: ignore[misc]
    """See `ConstrainedSearch`."""

    def __init__(
        self, explorer: Explorer, on_candidate: Callable[[bool], None] | None = None
    ) -> None:
        super().__init__()
        preload_intrinsics()
        self.explorer = explorer
        self._on_candidate = on_candidate
        self._context: Any = None
        self._rng = np.random.default_rng(0)
        self._batch: list[Individual] = []
        self._trials_left = 0
        self._per_iteration = 0

    def clone(self) -> Any:
        return ConstrainedSearch(self.explorer.clone(), self._on_candidate)

    def _initialize_with_tune_context(self, context: Any) -> None:
        self._context = context
        self._rng = np.random.default_rng(int(context.rand_state) % 2**32)

    def pre_tuning(
        self,
        max_trials: int,
        num_trials_per_iter: int,
        design_spaces: list[Schedule],
        database: Any = None,
        cost_model: Any = None,
    ) -> None:
        """Derive the CSP of every sketch, and take in what the database holds of this task."""
        machine = for_target(self._context.target)
        sketches = [Sketch(self._context.mod, sch.trace) for sch in design_spaces]
        space = SearchSpace([constrain(each, machine) for each in sketches])
        self.explorer.begin(space, self._rng, machine)
        self._per_iteration = num_trials_per_iter
        self._trials_left = max(0, max_trials - self._resume(database))

    def _resume(self, database: Any) -> int:
        """Tell the explorer what a database holds of this task; the number of its records."""
        if database is None:
            return 0
        records = records_for(database, self._context.mod, self._context.target)
        found = [(self.explorer.space.individual(each.trace), each) for each in records]
        known = [(each, record) for each, record in found if each is not None]
        self.explorer.tell(
            [each for each, _ in known], [seconds_of(record.run_secs) for _, record in known]
        )
        if records:
            logger.info("resumed with %d measurements", len(records))
        return len(records)

    def post_tuning(self) -> None:
        """Let go of the context, a cycle through C++ that Python's collector cannot see."""
        self._context = None

    def generate_measure_candidates(self) -> list[Any] | None:
        """The next batch, or None when the trials are spent or the space is exhausted."""
        most = self.explorer.batch or self._per_iteration
        wanted = min(self._per_iteration, most, self._trials_left)
        candidates: list[Any] = []
        self._batch = []
        for _ in range(ATTEMPTS):
            asked = self.explorer.ask(wanted - len(candidates))
            if not asked:
                break
            made = [(each, self._made(each)) for each in asked]
            self._batch += [each for each, candidate in made if candidate is not None]
            candidates += [candidate for _, candidate in made if candidate is not None]
        self._trials_left -= len(candidates)
        if wanted and not candidates and not self.explorer.measured:
            logger.warning("no program of this task passes MetaSchedule's postprocessors")
        return candidates or None

    def notify_runner_results(self, measure_candidates: list[Any], results: list[Any]) -> None:
        """Learn from a measured batch."""
        self.explorer.tell(self._batch, [seconds_of(each.run_secs) for each in results])

    def _made(self, individual: Individual) -> Any:
        candidate = self._candidate(individual)
        if self._on_candidate is not None:
            self._on_candidate(candidate is not None)
        return candidate

    def _candidate(self, individual: Individual) -> Any:
        """The measure candidate of an individual; None where TVM or a postprocessor objects."""
        space = self.explorer.space
        sketch = space.sketches[individual.sketch]
        try:
            sch = sketch.materialize(space.assignment(individual))
            accepted = self._postprocess(sch)
        except (HeronError, RuntimeError, ValueError) as error:
            if is_ctrl_c(error):
                raise
            logger.warning("a candidate did not materialise: %s", str(error).splitlines()[-1])
            accepted = False
        if not accepted:
            return None
        return MeasureCandidate(sch, ArgInfo.from_entry_func(sch.mod, remove_preproc=True))

    def _postprocess(self, sch: Schedule) -> bool:
        sch.enter_postproc()
        postprocs = self._context.space_generator.postprocs or []
        return all(each.apply(sch) for each in postprocs)


ConstrainedSearch: Any = derived_object(_ConstrainedSearch)
"""``ConstrainedSearch(explorer, on_candidate=None)``: any `Explorer` as a MetaSchedule strategy.

``on_candidate`` is called for each individual with whether it became a candidate; MetaSchedule runs
a clone of what it is given, so a count has to be kept outside.
"""
