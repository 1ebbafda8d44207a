"""Recorded objectives under MetaSchedule: its own evolutionary search, and nothing is compiled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import ms
from heron_ms.measure.records import seconds_of
from heron_ms.testing.replay import RecordedObjective, Replay, Surrogate
from heron_ms.testing.replay_measure import replaying
from heron_ms.testing.replay_set import RecordedSet

TRIALS = 24


def tuned(objectives: list[Replay], work_dir: Path) -> list[Any]:
    """The records of stock's evolutionary search on the sketches of the last of the objectives."""
    preload_intrinsics()
    task = objectives[-1].task
    database = ms.tune_tir(
        task.mod,
        task.tvm_target,
        str(work_dir),
        TRIALS,
        num_trials_per_iter=8,
        database="memory",
        cost_model="random",
        strategy=ms.search_strategy.EvolutionarySearch(population_size=32),
        num_tuning_cores=1,
        seed=1,
        **replaying(objectives),
    )
    return list(database.get_all_tuning_records())


def test_a_surrogate_answers_all_that_satisfies_the_constraints(
    sample: RecordedSet, tmp_path: Path
) -> None:
    objective = Surrogate(sample)
    records = tuned([objective], tmp_path)
    assert len(records) == TRIALS
    known = [objective.of_trace(record.trace) for record in records]
    # Stock's first population comes from the traces, which know no constraints.
    assert sum(seconds is not None for seconds in known) > TRIALS / 2
    for record, seconds in zip(records, known, strict=True):
        expected = np.inf if seconds is None else seconds
        assert seconds_of(record.run_secs) == pytest.approx(expected)


def test_what_lies_outside_a_full_set_goes_to_the_next(
    full: RecordedSet, sample: RecordedSet, tmp_path: Path
) -> None:
    inside, around = RecordedObjective(full), Surrogate(sample)
    first = []
    for record in tuned([inside, around], tmp_path):
        answers = [objective.of_trace(record.trace) for objective in (inside, around)]
        expected = next((seconds for seconds in answers if seconds is not None), np.inf)
        assert seconds_of(record.run_secs) == pytest.approx(expected)
        first.append(answers[0])
    assert {seconds is None for seconds in first} == {True, False}


def test_what_nothing_holds_does_not_build(full: RecordedSet, tmp_path: Path) -> None:
    objective = RecordedObjective(full)
    for record in tuned([objective], tmp_path):
        known = objective.of_trace(record.trace)
        assert np.isinf(seconds_of(record.run_secs)) == (known is None or np.isinf(known))
