"""Recorded objectives and surrogates, on sets whose seconds are known functions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from heron_ms.csp import columns_of
from heron_ms.search.search_space import Individual
from heron_ms.testing.replay import RecordedObjective, Replay, Surrogate, load
from heron_ms.testing.replay_set import RecordedSet, recorded_sets
from heron_ms.testing.replay_task import RecordedSetError
from tests.testing.synthetic_set import planted


@pytest.fixture(scope="module")
def objective(full: RecordedSet) -> RecordedObjective:
    return RecordedObjective(full)


@pytest.fixture(scope="module")
def surrogate(sample: RecordedSet) -> Surrogate:
    return Surrogate(sample)


def truth(replay: Replay, individuals: list[Individual]) -> np.ndarray:
    """The planted seconds, failures aside."""
    return np.array([_planted(replay, individual) for individual in individuals])


def _planted(replay: Replay, individual: Individual) -> float:
    problem = replay.space.sketches[individual.sketch].problem
    names = replay.task.names(individual.sketch)
    values = columns_of(problem, names, individual.row[None])
    return float(planted(replay.task, individual.sketch, values)[0])


def test_a_file_holds_the_set(full: RecordedSet, tmp_path: Path) -> None:
    file = tmp_path / "deep" / "set.npz"
    full.save(file)
    back = RecordedSet.load(file)
    assert back.task.data == full.task.data
    assert back.size == full.size
    for ours, theirs in zip(full.measured, back.measured, strict=True):
        assert np.array_equal(ours.values, theirs.values)
        assert np.array_equal(ours.seconds.astype(np.float32), theirs.seconds.astype(np.float32))
        assert np.array_equal(ours.kinds, theirs.kinds)


def test_every_solution_has_the_seconds_that_were_recorded(
    objective: RecordedObjective, rng: np.random.Generator
) -> None:
    drawn = objective.space.sample(10_000, rng)
    assert len(drawn) == objective.recorded.size == len({individual.key for individual in drawn})
    seconds = objective.seconds(drawn)
    works = np.isfinite(seconds)
    assert 0.1 < np.mean(~works) < 0.2
    assert np.allclose(seconds[works], truth(objective, drawn)[works], rtol=1e-6)
    assert objective.best == seconds.min()
    assert np.array_equal(seconds, objective.seconds(drawn))


def test_a_trace_is_recognised(objective: RecordedObjective, rng: np.random.Generator) -> None:
    for individual in objective.space.sample(8, rng):
        sketch = objective.space.sketches[individual.sketch]
        trace = sketch.materialize(objective.space.assignment(individual)).trace
        assert objective.of_trace(trace) == objective.seconds([individual])[0]


def test_what_was_not_recorded_is_not_known(
    objective: RecordedObjective, surrogate: Surrogate, rng: np.random.Generator
) -> None:
    """A point of the whole space outside the narrowed one, as a row and as a trace."""
    drawn = surrogate.space.sample(50, rng)
    outside = next(point for point in drawn if surrogate.space.assignment(point)["C.k.1"] != 4)
    with pytest.raises(RecordedSetError, match="does not hold"):
        objective.seconds([outside])
    sketch = surrogate.space.sketches[outside.sketch]
    trace = sketch.materialize(surrogate.space.assignment(outside)).trace
    assert objective.of_trace(trace) is None
    assert surrogate.of_trace(trace) == surrogate.seconds([outside])[0]


def test_a_surrogate_predicts_what_it_did_not_see(
    surrogate: Surrogate, rng: np.random.Generator
) -> None:
    drawn = surrogate.space.sample(500, rng)
    seconds, right = surrogate.seconds(drawn), truth(surrogate, drawn)
    assert np.all(np.isfinite(seconds))
    assert np.median(np.abs(seconds / right - 1.0)) < 0.1
    assert surrogate.error.r2 > 0.8
    assert surrogate.error.rank_correlation > 0.9
    assert surrogate.error.relative < 0.1
    assert "rank correlation" in str(surrogate.error)


def test_a_surrogate_is_the_same_each_time(
    sample: RecordedSet, surrogate: Surrogate, rng: np.random.Generator
) -> None:
    drawn = surrogate.space.sample(50, rng)
    assert np.array_equal(Surrogate(sample).seconds(drawn), surrogate.seconds(drawn))


def test_the_best_of_a_surrogate_is_below_what_random_finds(
    surrogate: Surrogate, rng: np.random.Generator
) -> None:
    drawn = surrogate.space.sample(2000, rng)
    assert surrogate.best <= surrogate.seconds(drawn).min()


def test_failures_are_left_out_of_the_fit(full: RecordedSet, rng: np.random.Generator) -> None:
    fitted = Surrogate(full)
    assert np.all(np.isfinite(fitted.seconds(fitted.space.sample(100, rng))))


def test_a_set_is_loaded_as_what_it_allows(
    full: RecordedSet, sample: RecordedSet, tmp_path: Path
) -> None:
    for recorded in (full, sample):
        recorded.save(tmp_path / f"{recorded.task.name}.npz")
    sets = recorded_sets(tmp_path)
    kinds = {name: type(load(path)) for name, path in sets.items()}
    assert kinds == {full.task.name: RecordedObjective, sample.task.name: Surrogate}


def test_a_folder_without_sets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordedSetError, match="no recorded sets"):
        recorded_sets(tmp_path)


def test_a_sample_is_no_objective(sample: RecordedSet) -> None:
    with pytest.raises(RecordedSetError, match="use Surrogate"):
        RecordedObjective(sample)


@pytest.mark.parametrize("content", [None, b"", b"nonsense"])
def test_another_file_is_refused(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "set.npz"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(RecordedSetError, match="no recorded set"):
        RecordedObjective.load(file)


def test_a_file_without_a_task_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "set.npz"
    np.savez(file, seconds0=np.zeros(3))
    with pytest.raises(RecordedSetError, match="no recorded set"):
        RecordedSet.load(file)
