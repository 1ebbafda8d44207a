"""The recorded sets that the comparisons of strategies rest on: whole, right, and hard enough."""

from __future__ import annotations

import numpy as np
import pytest

from heron_ms.search.search_space import Individual
from heron_ms.testing.replay import RecordedObjective, Replay, Surrogate, load
from heron_ms.testing.replay_fit import cross_validated, error_of
from heron_ms.testing.replay_set import recorded_sets
from scripts.bench.replay.record.cases import CASES, Case

FULL = [case.name for case in CASES if case.full]
SAMPLED = [case.name for case in CASES if not case.full]

_loaded: dict[str, Replay] = {}


def replay(name: str) -> Replay:
    """The objective of a set; fitting a surrogate takes seconds, so each is made once."""
    if name not in _loaded:
        _loaded[name] = load(recorded_sets()[name])
    return _loaded[name]


def test_every_case_is_there_and_small() -> None:
    sets = recorded_sets()
    assert sets.keys() == {case.name for case in CASES}
    assert sum(path.stat().st_size for path in sets.values()) < 1_500_000


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_set_is_of_its_case(case: Case) -> None:
    task = replay(case.name).task
    stated = (case.name, case.operator, case.sizes, case.weight, case.full, case.fixed)
    assert stated == (task.name, task.operator, task.sizes, task.weight, task.full, task.fixed)


@pytest.mark.parametrize("name", FULL)
def test_a_full_set_holds_every_solution_once(name: str) -> None:
    objective = replay(name)
    assert isinstance(objective, RecordedObjective)
    counts = [sketch.problem.count() or 0 for sketch in objective.space.sketches]
    assert [len(part.kinds) for part in objective.recorded.measured] == counts
    individuals, seconds = objective.measured
    assert len({individual.key for individual in individuals}) == sum(counts) >= 2000
    rng = np.random.default_rng(0)
    for number, sketch in enumerate(objective.space.sketches):
        drawn = sketch.problem.sample_array(sum(counts), rng)
        measured = [individual.row for individual in individuals if individual.sketch == number]
        assert {row.tobytes() for row in drawn} == {row.tobytes() for row in measured}
    assert np.isfinite(seconds).mean() > 0.99


@pytest.mark.parametrize("name", FULL)
def test_a_full_set_is_worth_searching(name: str) -> None:
    """Most of its programs take twice as long as the best, and few come within 5 % of it."""
    objective = replay(name)
    _, seconds = objective.measured
    assert np.median(seconds) >= 2.0 * objective.best
    assert 2 <= np.sum(seconds <= 1.05 * objective.best) <= 0.08 * len(seconds)


@pytest.mark.parametrize("name", [*FULL, *SAMPLED])
def test_what_was_recorded_still_is_a_program(name: str) -> None:
    """The stored program, traces and decisions go through TVM and come back as the same point."""
    objective = replay(name)
    individuals, seconds = objective.measured
    for number in range(len(objective.space.sketches)):
        at = next(p for p, individual in enumerate(individuals) if individual.sketch == number)
        sketch = objective.space.sketches[number]
        trace = sketch.materialize(objective.space.assignment(individuals[at])).trace
        back = objective.space.individual(trace)
        assert back is not None and back.key == individuals[at].key
        if name in FULL:
            assert objective.of_trace(trace) == seconds[at]


@pytest.mark.parametrize("name", SAMPLED)
def test_a_sample_is_uniform_within_each_sketch(name: str) -> None:
    """Each tunable variable's values are as frequent as in a fresh sample of the same size."""
    objective = replay(name)
    individuals, _ = objective.measured
    assert len(individuals) >= 3000
    for number, sketch in enumerate(objective.space.sketches):
        rows = np.array([point.row for point in individuals if point.sketch == number])
        fresh = sketch.problem.sample_array(20_000, np.random.default_rng(1))
        for at, variable in enumerate(sketch.problem.names):
            if variable in objective.task.names(number):
                for value in np.unique(fresh[:, at]):
                    share = np.mean(fresh[:, at] == value)
                    # Five standard deviations: hundreds of shares are compared.
                    allowed = 5.0 * np.sqrt(share * (1.0 - share) / len(rows)) + 1e-3
                    assert abs(np.mean(rows[:, at] == value) - share) < allowed, variable


@pytest.mark.parametrize("name", SAMPLED)
def test_a_surrogate_predicts_what_it_did_not_see(name: str) -> None:
    surrogate = replay(name)
    assert isinstance(surrogate, Surrogate)
    individuals, seconds = surrogate.measured
    # Half of the sample instead of four fifths, which is quicker and errs on the safe side.
    error = cross_validated(surrogate.space.matrix(individuals), seconds, folds=2)
    assert error.r2 > 0.6, error
    assert error.rank_correlation > 0.7, error
    assert error.relative < 0.12, error


@pytest.mark.parametrize("name", SAMPLED)
def test_a_surrogate_ranks_the_full_set_of_its_case(name: str) -> None:
    """Measured at another time, and far from where most of the sample lies."""
    surrogate, full = replay(name), replay(name.replace("-sampled", "-full"))
    individuals, seconds = full.measured
    at = {sketch.key: number for number, sketch in enumerate(surrogate.space.sketches)}
    numbers = [at[sketch.key] for sketch in full.space.sketches]
    same = [Individual(numbers[individual.sketch], individual.row) for individual in individuals]
    error = error_of(surrogate.seconds(same), seconds)
    assert error.rank_correlation > 0.5, error


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLED)
def test_a_surrogate_makes_up_no_program(name: str) -> None:
    """A search on it may find little that is faster than all that was measured, the real peak."""
    surrogate = replay(name)
    assert 0.93 < surrogate.best / surrogate.recorded.best < 1.02
