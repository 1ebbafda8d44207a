"""The finalists are measured again: on planted databases, and at the end of whole runs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import heron_ms
from heron_ms._tvm import IRModule, Schedule, Target, derived_object, ms, relax, structural_hash
from heron_ms.errors import WorkDirError
from heron_ms.hardware import host
from heron_ms.measure.finalists import FINALISTS, ROUNDS, TOLERANCE, measure_finalists
from heron_ms.measure.future import Done
from heron_ms.measure.measuring import Tools
from heron_ms.measure.records import FAILED, best_record, seconds_of
from heron_ms.search import ConstrainedGeneticSearch, Preset
from heron_ms.testing import PlantedBuilder
from heron_ms.work_dir import open_database
from heron_ms.workloads.gemm import Gemm

TARGET = Target({"kind": "llvm", "mcpu": "cascadelake", "num-cores": 2})
REPEATS = 3
SMALL = Preset(batch=4, population=32, generations=1, parents=8, elites=4)
Times = Sequence[float | None]


class _NoisyRunner(ms.runner.PyRunner):  # type: ignore[misc]
    """Reports what a planted program takes, changed by ``noise(truth, how often it ran)``."""

    def __init__(self, noise: Callable[[float, int], float | None]) -> None:
        super().__init__()
        self.ran: list[float] = []
        self._noise = noise

    def run(self, runner_inputs: list[Any]) -> list[Any]:
        return [Done(self._result(Path(str(wanted.artifact_path)))) for wanted in runner_inputs]

    def _result(self, artifact: Path) -> Any:
        truth = artifact.read_text()
        if truth == "None":
            return ms.runner.RunnerResult(None, "planted failure")
        seconds = self._noise(float(truth), self.ran.count(float(truth)))
        self.ran.append(float(truth))
        values = None if seconds is None else [seconds] * REPEATS
        return ms.runner.RunnerResult(values, "planted failure" if seconds is None else None)


NoisyRunner: Any = derived_object(_NoisyRunner)


def program() -> IRModule:
    """The module that is tuned, as a database knows it."""
    return IRModule({"main": Gemm(64, 64, 64).prim_func()})


def variants(count: int) -> list[Any]:
    """As many different schedules of it."""
    schedules = [Schedule(program()) for _ in range(count)]
    for factor, sch in enumerate(schedules, 2):
        sch.split(sch.get_loops(sch.get_child_blocks(sch.get_sblock("root"))[0])[0], [None, factor])
    return schedules


SCHEDULES = variants(9)


@dataclass
class Planted:
    """A database of programs that were measured in ``first`` seconds and take ``truth``."""

    work_dir: Path
    first: Sequence[float]
    truth: Times
    noise: Callable[[float, int], float | None] = lambda seconds, _: seconds
    built: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        database = open_database(str(self.work_dir))
        for sch, seconds in zip(SCHEDULES, self.first, strict=False):
            self.add(database, sch, [seconds] * REPEATS)

    @staticmethod
    def add(database: Any, sch: Any, values: list[float], target: Target = TARGET) -> None:
        workload = database.commit_workload(program())
        args = ms.arg_info.ArgInfo.from_entry_func(program(), remove_preproc=True)
        record = ms.database.TuningRecord(sch.trace, workload, values, target, args)
        database.commit_tuning_record(record)

    def again(self) -> bool:
        """Measure the finalists again."""
        tools = Tools(TARGET, PlantedBuilder(self._truth_of), NoisyRunner(self.noise))
        self.runner = tools.given_runner
        return measure_finalists(self.work_dir, [program()["main"]], tools)

    def _truth_of(self, mod: IRModule) -> float | None:
        hashes = [structural_hash(schedule.mod) for schedule in SCHEDULES]
        number = hashes.index(structural_hash(mod))
        self.built.append(number)
        return self.truth[number]

    @property
    def lines(self) -> list[str]:
        return (self.work_dir / "database_tuning_record.json").read_text().splitlines()

    @property
    def values(self) -> list[list[float]]:
        return [json.loads(line)[1][1] for line in self.lines]

    @property
    def best(self) -> list[float]:
        record = best_record(open_database(str(self.work_dir)), program(), TARGET)
        return [] if record is None else [float(value) for value in record.run_secs]


def test_a_lucky_measurement_does_not_win(tmp_path: Path) -> None:
    planted = Planted(tmp_path, [1.0, 0.93, 1.02, 2.0], [1.0, 1.05, 1.03, 2.0])
    before = planted.lines
    assert planted.best == [0.93] * REPEATS
    assert planted.again()
    assert planted.best == [1.0] * REPEATS * ROUNDS
    assert planted.lines[3].rstrip() == before[3]


def test_rounds_alternate(tmp_path: Path) -> None:
    truth = [1.0, 1.01, 1.02]
    planted = Planted(tmp_path, truth, truth)
    planted.again()
    assert planted.runner.ran == truth * ROUNDS
    assert sorted(planted.built) == [0, 1, 2]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(90, 125), st.one_of(st.integers(95, 130), st.none())),
        min_size=1,
        max_size=len(SCHEDULES),
    )
)
def test_the_winner_was_measured_again_and_nothing_else_changes(
    programs: list[tuple[int, int | None]],
) -> None:
    truth = [None if true is None else true / 100 for _, true in programs]
    with TemporaryDirectory() as folder:
        planted = Planted(Path(folder), [first / 100 for first, _ in programs], truth)
        before = planted.lines
        changed = planted.again()
        after = planted.lines
        assert changed == (after != before) and len(after) == len(before)
        for number, (old, new) in enumerate(zip(before, after, strict=True)):
            expected = truth[number]
            if new != old:
                values = [FAILED] if expected is None else [expected] * REPEATS * ROUNDS
                assert planted.values[number] == values
        _check_winner(planted.values, any(seconds is not None for seconds in truth))
        if changed:
            built = len(planted.built)
            assert not planted.again()
            assert planted.lines == after and len(planted.built) == built


def _check_winner(values: list[list[float]], working: bool) -> None:
    times = sorted((seconds_of(value), len(value)) for value in values)
    alone = len(times) < 2 or times[1][0] > times[0][0] * (1 + TOLERANCE)
    again = times[0][1] == REPEATS * ROUNDS
    nothing_ran = not any(len(value) == REPEATS * ROUNDS for value in values)
    assert alone or again or nothing_ran or not working


def test_only_the_fastest_few_of_many(tmp_path: Path) -> None:
    first = [1 + number / 100 for number in range(9)]
    planted = Planted(tmp_path, first, first)
    planted.again()
    assert sorted(planted.built) == list(range(FINALISTS))


@pytest.mark.parametrize("first", [[1.0], [1.0, 1.2, 1.3], [FAILED, FAILED], [1.0, FAILED], []])
def test_nothing_to_decide(tmp_path: Path, first: list[float]) -> None:
    planted = Planted(tmp_path, first, first)
    before = planted.lines
    assert not planted.again()
    assert planted.lines == before and not planted.built


def test_exact_measurements_and_other_targets_are_left_alone(tmp_path: Path) -> None:
    planted = Planted(tmp_path, [], [1.0] * 4)
    database = open_database(str(tmp_path))
    other = Target({"kind": "llvm", "mcpu": "znver4", "num-cores": 2})
    for number, values in enumerate([[1.0], [1.01]]):
        planted.add(database, SCHEDULES[number], values)
    for number in (2, 3):
        planted.add(database, SCHEDULES[number], [0.9] * REPEATS, other)
    assert not planted.again() and not planted.built


def test_a_new_contender_is_measured(tmp_path: Path) -> None:
    planted = Planted(tmp_path, [1.0, 1.01], [1.0, 1.01, 1.05])
    planted.again()
    settled = planted.lines
    planted.add(open_database(str(tmp_path)), SCHEDULES[2], [0.95] * REPEATS)
    planted.built.clear()
    assert planted.again() and planted.built == [2, 0]  # and one that is known to run
    assert planted.lines[:2] == settled
    assert planted.best == [1.0] * REPEATS * ROUNDS


def test_what_runs_only_sometimes_keeps_what_it_ran(tmp_path: Path) -> None:
    planted = Planted(tmp_path, [1.0, 1.01], [1.0, 1.01])
    planted.noise = lambda truth, times: None if (truth, times) == (1.0, 1) else truth
    planted.again()
    assert planted.values == [[1.0] * REPEATS * (ROUNDS - 1), [1.01] * REPEATS * ROUNDS]


def test_what_never_runs_again_becomes_a_failure(tmp_path: Path) -> None:
    planted = Planted(tmp_path, [1.0, 1.01], [None, 1.01])
    planted.again()
    assert planted.values == [[FAILED], [1.01] * REPEATS * ROUNDS]


def test_a_runner_that_dies_between_two_passes_spoils_nothing(tmp_path: Path) -> None:
    first = [1 + number / 100 for number in range(6)]
    planted = Planted(tmp_path, first, [1.09, 1.091, 1.092, 1.093, 1.04, 1.05])
    planted.noise = lambda truth, times: None if truth < 1.09 or times >= ROUNDS else truth
    assert planted.again()
    assert all(len(value) == REPEATS * ROUNDS for value in planted.values[:4])
    assert planted.values[4:] == [[time] * REPEATS for time in first[4:]]


def test_where_nothing_runs_all_is_kept(tmp_path: Path) -> None:
    planted = Planted(tmp_path, [1.0, 1.01], [None, None])
    before = planted.lines
    assert not planted.again()
    assert planted.lines == before


def test_real_programs_are_built_and_run(tmp_path: Path) -> None:
    here = Target({"kind": "llvm", "mcpu": host().mcpu, "num-cores": 1})
    database = open_database(str(tmp_path))
    for sch in SCHEDULES[:2]:
        Planted.add(database, sch, [1.0] * REPEATS, here)
    assert measure_finalists(tmp_path, [program()["main"]], Tools(here, None, None))
    records = open_database(str(tmp_path)).get_all_tuning_records()
    assert [0 < seconds_of(record.run_secs) < 1 for record in records] == [True, True]


def _interrupt(truth: float, times: int) -> float:
    if times == 1:
        raise KeyboardInterrupt
    return truth


def test_ctrl_c_keeps_everything(tmp_path: Path) -> None:
    planted = Planted(tmp_path, [1.0, 0.99], [1.0, 1.05], noise=_interrupt)
    before = planted.lines
    with pytest.raises((KeyboardInterrupt, RuntimeError)):
        planted.again()
    assert planted.lines == before
    planted.noise = lambda truth, _: truth
    assert planted.again() and planted.best == [1.0] * REPEATS * ROUNDS


def test_a_process_that_ends_before_the_file_is_replaced_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = Planted(tmp_path, [1.0, 0.99], [1.0, 1.05])
    before = planted.lines
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            planted.again()
    assert planted.lines == before
    assert planted.again() and planted.best == [1.0] * REPEATS * ROUNDS


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = Planted(tmp_path, [1.0, 0.99], [1.0, 1.05])
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("no space")))
    with pytest.raises(WorkDirError, match="no space"):
        planted.again()


def _lucky(truth: float, times: int) -> float:
    """Whatever is first measured seems faster than it is, some programs more than others."""
    return truth * (1 - 0.08 * (truth * 1e6 % 7) / 7) if times == 0 else truth


def _seconds(mod: IRModule) -> float:
    return 1e-4 * (1 + structural_hash(mod) % 9973 / 60000)


def _tune(work_dir: Path, trials: int, **options: Any) -> tuple[Any, list[float], list[Any]]:
    runner, heard = NoisyRunner(_lucky), list[Any]()
    given = {
        "builder": PlantedBuilder(_seconds),
        "runner": runner,
        "strategy": ConstrainedGeneticSearch(SMALL),
        "num_tuning_cores": 1,
        "seed": 1,
        "on_result": heard.append,
        **options,
    }
    database = heron_ms.tune_tir(program(), TARGET, str(work_dir), trials, **given)
    return database, runner.ran, heard


def test_a_run_ends_with_a_winner_that_was_measured_again(tmp_path: Path) -> None:
    database, ran, heard = _tune(tmp_path, 10)
    records = database.get_all_tuning_records()
    assert len(records) == len(heard) == 10
    winner = best_record(database, heron_ms.normalize(program())["main"], TARGET)
    assert winner is not None
    assert len(winner.run_secs) == REPEATS * ROUNDS
    again = [record for record in records if len(record.run_secs) > REPEATS]
    assert len(ran) == 10 + ROUNDS * len(again)
    assert {float(record.run_secs[0]) for record in again} <= set(ran)
    lines = (tmp_path / "database_tuning_record.json").read_bytes()
    assert _tune(tmp_path, 10)[1:] == ([], [])
    assert (tmp_path / "database_tuning_record.json").read_bytes() == lines
    assert len(_tune(tmp_path, 14)[0]) == 14


def _matmul() -> IRModule:
    builder = relax.BlockBuilder()
    x, w = (relax.Var(name, relax.TensorType((32, 64), "float32")) for name in "xw")
    with builder.function("main", [x, w]):
        transposed = builder.emit(relax.op.permute_dims(w))
        builder.emit_func_output(builder.emit(relax.op.matmul(x, transposed)))
    return builder.get()


def test_models_too(tmp_path: Path) -> None:
    tools = {"builder": PlantedBuilder(_seconds), "runner": NoisyRunner(_lucky)}
    strategy = ConstrainedGeneticSearch(SMALL)
    database = heron_ms.tune_relax(
        _matmul(), {}, TARGET, str(tmp_path), 8, **tools, strategy=strategy, seed=1
    )
    again = [
        record for record in database.get_all_tuning_records() if len(record.run_secs) > REPEATS
    ]
    assert {len(record.run_secs) for record in again} == {REPEATS * ROUNDS}
    winner = best_record(database, again[0].workload.mod, TARGET)
    assert winner is not None
    assert len(winner.run_secs) == REPEATS * ROUNDS


@pytest.mark.parametrize("own", ["database", "measure_callbacks"])
def test_what_the_caller_brings_is_left_alone(tmp_path: Path, own: str) -> None:
    callbacks = [ms.measure_callback.AddToDatabase()]
    given = {"database": ms.database.MemoryDatabase(), "measure_callbacks": callbacks}
    database, ran, _ = _tune(tmp_path, 8, **{own: given[own]})
    assert len(ran) == 8
    assert {len(record.run_secs) for record in database.get_all_tuning_records()} == {REPEATS}
