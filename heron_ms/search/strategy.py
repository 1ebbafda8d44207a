"""An explorer as a search strategy of MetaSchedule.

It turns individuals into MetaSchedule's candidates, drops those that TVM objects to, counts trials,
and takes what the database already holds as measured.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import ArgInfo, MeasureCandidate, PySearchStrategy, Schedule, derived_object
from heron_ms.budget.budget import UNBOUNDED
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.errors import (
    HeronError,
    UnsatisfiableSpaceError,
    is_ctrl_c,
    last_line,
)
from heron_ms.events.kinds import INFEASIBLE, SCHEDULE
from heron_ms.hardware import Machine, for_target
from heron_ms.measure.records import records_for, seconds_of
from heron_ms.numbers import count_of
from heron_ms.search.explorer import ATTEMPTS, Explorer
from heron_ms.search.search_space import Individual, SearchSpace
from heron_ms.search.telling import tell_learned, tell_refused, tell_sketch
from heron_ms.sketch import Sketch
from heron_ms.untuned import warn_untuned

logger = logging.getLogger(__name__)


class _ConstrainedSearch(PySearchStrategy):  # type: ignore[misc]
    """See `ConstrainedSearch`."""

    def __init__(
        self,
        explorer: Explorer,
        on_candidate: Callable[[bool], None] | None = None,
        resume: bool = False,
    ) -> None:
        super().__init__()
        preload_intrinsics()
        self.explorer = explorer
        self._on_candidate = on_candidate
        self._resume = resume
        self._context: Any = None
        self._rng = np.random.default_rng(0)
        self._batch: list[Individual] = []
        self._prepare: Callable[[], None] | None = None
        self._trials_left = 0
        self._per_iteration = 0
        self._limit = UNBOUNDED
        self._refusal = "MetaSchedule's postprocessors refuse each"
        self._is_told = False

    def clone(self) -> Any:
        return ConstrainedSearch(self.explorer.clone(), self._on_candidate, self._resume)

    def resuming(self) -> Any:
        """The same search, for which what its database already holds counts as trials."""
        return ConstrainedSearch(self.explorer.clone(), self._on_candidate, resume=True)

    def limit(self, most: int) -> None:
        """Make no more candidates than so many at a time from now on."""
        self._limit = most

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
        """Note what is to be searched; the task is prepared when it is first asked for candidates.

        MetaSchedule calls this for all tasks of a model before any is measured, and preparing one
        takes up to seconds.
        """
        self._per_iteration = count_of("num_trials_per_iter", num_trials_per_iter)
        machine = for_target(self._context.target)
        self._prepare = partial(self._begin, machine, max_trials, design_spaces, database)

    def _begin(
        self, machine: Machine, max_trials: int, design_spaces: list[Schedule], database: Any
    ) -> None:
        """Derive the CSP of every sketch, and take in what the database holds of this task."""
        self._trials_left = 0
        # A space that cannot be made is the program as it is, and the space says why.
        self._is_told = not any(len(sch.trace.insts) for sch in design_spaces)
        try:
            space = self._space(design_spaces, machine)
        except Exception as error:  # of ours or of TVM: the other tasks are to be tuned
            if is_ctrl_c(error):
                raise
            warn_untuned(str(self._context.task_name), error)
            return
        self.explorer.begin(space, self._rng, machine)
        known = self._take_in(database)
        self._trials_left = max(0, max_trials - (known if self._resume else 0))

    def _space(self, design_spaces: list[Schedule], machine: Machine) -> SearchSpace:
        """Of the sketches that constraints can be derived from."""
        sketches: list[ConstrainedSketch] = []
        failed: list[Exception] = []
        for sch in design_spaces:
            try:
                sketches.append(constrain(Sketch(self._context.mod, sch.trace), machine))
                tell_sketch(str(self._context.task_name), sketches[-1])
            except Exception as error:
                if is_ctrl_c(error):
                    raise
                failed.append(error)
                logger.warning("a sketch without constraints: %s", last_line(error))
        if failed and not sketches:
            raise failed[0]
        return SearchSpace(sketches)

    def _take_in(self, database: Any) -> int:
        """Tell the explorer what a database holds of this space; the number of those records."""
        if database is None:
            return 0
        records = records_for(database, self._context.mod, self._context.target)
        read = [(self.explorer.space.individual(record.trace), record) for record in records]
        known = [(individual, record) for individual, record in read if individual is not None]
        self.explorer.tell(
            [individual for individual, _ in known],
            [seconds_of(record.run_secs) for _, record in known],
        )
        if known:
            logger.info("resumed with %d of %d measurements", len(known), len(records))
        return len(known)

    def post_tuning(self) -> None:
        """Let go of the context, a cycle through C++ that Python's collector cannot see."""
        self._context = self._prepare = None

    def generate_measure_candidates(self) -> list[Any] | None:
        """The next batch, or None when the trials are spent or the space is exhausted."""
        if self._prepare is not None:
            prepare, self._prepare = self._prepare, None
            prepare()
        if not self._trials_left:
            return None
        most = self.explorer.batch or self._per_iteration
        wanted = min(self._per_iteration, most, self._trials_left, self._limit)
        candidates: list[Any] = []
        self._batch = []
        for _ in range(ATTEMPTS):
            asked = self.explorer.ask(wanted - len(candidates))
            if not asked:
                break
            made = [(individual, self._made(individual)) for individual in asked]
            self._batch += [individual for individual, candidate in made if candidate is not None]
            candidates += [candidate for _, candidate in made if candidate is not None]
        self._trials_left -= len(candidates)
        if not (candidates or self.explorer.measured or self._is_told):
            none = UnsatisfiableSpaceError(f"none becomes a candidate: {self._refusal}")
            warn_untuned(str(self._context.task_name), none)
        return candidates or None

    def notify_runner_results(self, measure_candidates: list[Any], results: list[Any]) -> None:
        """Learn from a measured batch."""
        self.explorer.tell(self._batch, [seconds_of(result.run_secs) for result in results])
        tell_learned(str(self._context.task_name), self.explorer)

    def _made(self, individual: Individual) -> Any:
        candidate = self._candidate(individual)
        if self._on_candidate is not None:
            self._on_candidate(candidate is not None)
        return candidate

    def _candidate(self, individual: Individual) -> Any:
        """The measure candidate of an individual; None where TVM or a postprocessor objects."""
        space = self.explorer.space
        sketch, name = space.sketches[individual.sketch], str(self._context.task_name)
        try:
            sch = sketch.materialize(space.assignment(individual))
            accepted = self._postprocess(sch)
        except (HeronError, RuntimeError, ValueError) as error:
            if is_ctrl_c(error):
                raise
            self._refusal = last_line(error)
            logger.warning("a candidate did not materialise: %s", self._refusal)
            tell_refused(name, sketch, SCHEDULE, self._refusal)
            return None
        if not accepted:
            tell_refused(name, sketch, INFEASIBLE, "a postprocessor refuses it")
            return None
        return MeasureCandidate(sch, ArgInfo.from_entry_func(sch.mod, remove_preproc=True))

    def _postprocess(self, sch: Schedule) -> bool:
        sch.enter_postproc()
        postprocs = self._context.space_generator.postprocs or []
        return all(postproc.apply(sch) for postproc in postprocs)


ConstrainedSearch: Any = derived_object(_ConstrainedSearch)
"""``ConstrainedSearch(explorer, on_candidate=None, resume=False)``: any `Explorer` as a strategy.

``on_candidate`` is called for each individual with whether it became a candidate; MetaSchedule runs
a clone of what it is given, so a count has to be kept outside. What the database holds of the space
is taken in as measured; only with ``resume`` does it count as trials too, which is what
`heron_ms.tune_tir` asks for. A task without a space is an `UntunedWarning`, and the others go on.
"""
