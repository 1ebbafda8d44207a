"""What every strategy shares: from assignments to measure candidates, and what was measured.

A strategy proposes individuals and learns from seconds. This class turns individuals into
MetaSchedule's candidates, drops what was proposed before, counts trials, and takes what the
database already holds as measured.
"""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import ArgInfo, MeasureCandidate, PySearchStrategy, Schedule
from heron_ms.constraints import constrain
from heron_ms.errors import HeronError
from heron_ms.hardware import for_target
from heron_ms.measure.records import records_for, seconds_of
from heron_ms.search.space import Individual, SearchSpace
from heron_ms.sketch import Sketch

logger = logging.getLogger(__name__)

ATTEMPTS = 4
"""How often a batch is topped up before a round settles for fewer candidates."""


class ConstrainedSearch(PySearchStrategy):  # type: ignore[misc]
    """The base of all strategies; a leaf implements `propose` and `clone`, and is decorated."""

    def __init__(self) -> None:
        super().__init__()
        preload_intrinsics()
        self._context: Any = None
        self.rng = np.random.default_rng(0)
        self.space: SearchSpace | None = None
        self.measured: dict[tuple[int, bytes], tuple[Individual, float]] = {}
        self._proposed: set[tuple[int, bytes]] = set()
        self._batch: list[Individual] = []
        self._trials_left = 0
        self._per_iteration = 0
        self.invalid = 0

    def propose(self, n: int) -> list[Individual]:
        """Up to n individuals to measure, best first."""
        raise NotImplementedError

    def learn(self) -> None:
        """Take in `measured`, which has grown."""

    def _initialize_with_tune_context(self, context: Any) -> None:
        self._context = context
        self.rng = np.random.default_rng(int(context.rand_state) % 2**32)

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
        self.space = SearchSpace([constrain(each, machine) for each in sketches])
        self._per_iteration = num_trials_per_iter
        self.measured.clear()
        self._proposed.clear()
        self.invalid = 0
        records = (
            []
            if database is None
            else records_for(database, self._context.mod, self._context.target)
        )
        self._trials_left = max(0, max_trials - len(records))
        for record in records:
            individual = self.space.individual(record.trace)
            if individual is not None:
                self._observe(individual, seconds_of(record.run_secs))
        if records:
            logger.info("resumed with %d measurements", len(records))
            self.learn()

    def post_tuning(self) -> None:
        """Let go of the context, a cycle through C++ that Python's collector cannot see."""
        self._context = None

    def generate_measure_candidates(self) -> list[Any] | None:
        """The next batch, or None when the trials are spent or the space is exhausted."""
        wanted = min(self._per_iteration, self.batch_size, self._trials_left)
        candidates: list[Any] = []
        self._batch = []
        for _ in range(ATTEMPTS):
            if len(candidates) >= wanted:
                break
            for individual in self._fresh(wanted - len(candidates)):
                candidate = self._candidate(individual)
                if candidate is not None:
                    candidates.append(candidate)
                    self._batch.append(individual)
        self._trials_left -= len(candidates)
        return candidates or None

    def notify_runner_results(self, measure_candidates: list[Any], results: list[Any]) -> None:
        """Learn from a measured batch."""
        for individual, result in zip(self._batch, results, strict=True):
            self._observe(individual, seconds_of(result.run_secs))
        self.learn()

    @property
    def batch_size(self) -> int:
        """Most candidates of one round."""
        return self._per_iteration

    def _fresh(self, n: int) -> list[Individual]:
        found: list[Individual] = []
        for individual in self.propose(n):
            if individual.key not in self._proposed and len(found) < n:
                self._proposed.add(individual.key)
                found.append(individual)
        return found

    def is_new(self, individual: Individual) -> bool:
        """Whether an individual was never proposed or measured."""
        return individual.key not in self._proposed

    def _candidate(self, individual: Individual) -> Any:
        """The measure candidate of an individual; None where TVM or a postprocessor objects."""
        assert self.space is not None
        sketch = self.space.sketches[individual.sketch]
        try:
            sch = sketch.materialize(self.space.assignment(individual))
            accepted = self._postprocess(sch)
        except (HeronError, RuntimeError, ValueError) as error:
            if not str(error):  # what TVM makes of a Ctrl-C
                raise
            logger.warning("a candidate did not materialise: %s", str(error).splitlines()[-1])
            accepted = False
        if not accepted:
            self.invalid += 1
            return None
        return MeasureCandidate(sch, ArgInfo.from_entry_func(sch.mod, remove_preproc=True))

    def _postprocess(self, sch: Schedule) -> bool:
        sch.enter_postproc()
        postprocs = self._context.space_generator.postprocs or []
        return all(each.apply(sch) for each in postprocs)

    def _observe(self, individual: Individual, seconds: float) -> None:
        self._proposed.add(individual.key)
        self.measured[individual.key] = (individual, seconds)
