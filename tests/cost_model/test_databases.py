"""Tasks out of the databases of finished searches, and MetaSchedule's models on their sketches."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import ms
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.cost_model import TransferError, Transferred, TransferredModel
from heron_ms.cost_model.databases import read_tasks
from heron_ms.cost_model.metaschedule import MetaScheduleModel
from heron_ms.database.files import RECORDS
from heron_ms.hardware import for_target
from heron_ms.measure.records import FAILED
from heron_ms.search.search_space import Individual
from heron_ms.space_generators import generate_sketches
from heron_ms.work_dir import open_database


@dataclass(frozen=True)
class Recorded:
    """A sketch, rows that were written to a database in a folder, and their seconds."""

    folder: Path
    sketch: ConstrainedSketch
    rows: list[np.ndarray]
    seconds: list[float]


@pytest.fixture(scope="module")
def recorded(
    tmp_path_factory: pytest.TempPathFactory, gemm: Callable[..., Any], dlboost: Any
) -> Recorded:
    preload_intrinsics()
    folder = tmp_path_factory.mktemp("runs")
    module = gemm(64, 64, 64, weight="packed")
    sketch = constrain(generate_sketches(module, dlboost)[0], for_target(dlboost))
    rows = list(sketch.problem.sample_array(8, np.random.default_rng(0)))
    seconds = [float("inf"), *(1e-3 * (1 + n) for n in range(7))]
    database = open_database(str(folder / "gemm" / "heron_ms"))
    workload = database.commit_workload(sketch.sketch.mod)
    for row, took in zip(rows, seconds, strict=True):
        trace = sketch.materialize(dict(zip(sketch.problem.names, row.tolist(), strict=True))).trace
        run = [min(took, FAILED)]
        database.commit_tuning_record(ms.database.TuningRecord(trace, workload, run, dlboost, []))
    return Recorded(folder, sketch, rows, seconds)


def test_a_database_gives_back_what_was_measured(recorded: Recorded) -> None:
    (task,) = read_tasks([recorded.folder])
    names = recorded.sketch.problem.names
    assert [problem.names for problem in task.problems] == [names]
    assert task.sketches == [0] * 8
    assert {row.tobytes() for row in task.rows} == {row.tobytes() for row in recorded.rows}
    known = {r.tobytes(): s for r, s in zip(recorded.rows, recorded.seconds, strict=True)}
    assert [known[row.tobytes()] for row in task.rows] == pytest.approx(task.seconds)


def test_it_can_be_learned_from(recorded: Recorded) -> None:
    model = TransferredModel([recorded.sketch], 0, Transferred.from_databases([recorded.folder]))
    scores = model.predict([Individual(0, row) for row in recorded.rows])
    assert np.isfinite(scores).all()


def test_a_line_that_is_being_written_is_left_out(recorded: Recorded) -> None:
    file = next(recorded.folder.rglob(RECORDS))
    whole = file.read_text()
    try:
        file.write_text(whole + whole[: len(whole) // 20])
        (task,) = read_tasks([recorded.folder])
    finally:
        file.write_text(whole)
    assert len(task.rows) == 8


def test_a_folder_without_a_database_is_named(tmp_path: Path) -> None:
    with pytest.raises(TransferError, match=f"{tmp_path} holds no"):
        Transferred.from_databases([tmp_path])


def test_what_can_be_read_of_a_broken_database_is_learned_from(
    recorded: Recorded, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(recorded.folder, tmp_path / "runs")
    file = next((tmp_path / "runs").rglob(RECORDS))
    first, *others = file.read_text().splitlines(keepends=True)
    content = '{"schema": 99}\n' + first.replace("[", "{", 1) + "".join(others)
    file.write_text(content)
    (task,) = read_tasks([tmp_path / "runs"])
    assert len(task.rows) == 7
    assert f"{file}: left out: line 1 (no list); line 2 (not JSON)" in capfd.readouterr().err
    assert file.read_text() == content


def test_a_database_of_which_nothing_can_be_read(tmp_path: Path) -> None:
    (tmp_path / RECORDS).write_text("[0, []]\n")
    with pytest.raises(TransferError, match="nothing to transfer from"):
        Transferred.from_databases([tmp_path])


def test_the_adapter_asks_metaschedule(recorded: Recorded, dlboost: Any) -> None:
    model = MetaScheduleModel([recorded.sketch], 0, target=dlboost)
    three = [Individual(0, row) for row in recorded.rows[:3]]
    assert not model.is_trained
    assert model.predict(three).shape == (3,)
    model.train(three, np.array([np.inf, 1e-3, 2e-3]))
    assert model.is_trained and np.isfinite(model.predict(three)).all()
    assert model.importance() == {}


def test_the_adapter_tells_what_is_new_once(recorded: Recorded, dlboost: Any) -> None:
    class Told:
        def __init__(self) -> None:
            self.results: list[float] = []

        def update(self, context: Any, candidates: list[Any], results: list[Any]) -> None:
            self.results += [float(result.run_secs[0]) for result in results]

    told = Told()
    model = MetaScheduleModel([recorded.sketch], 0, target=dlboost, model=told)
    four = [Individual(0, row) for row in recorded.rows[:4]]
    model.train(four[:2], np.array([1e-3, 2e-3]))
    model.train(four, np.array([1e-3, 2e-3, np.inf, 4e-3]))
    assert told.results == pytest.approx([1e-3, 2e-3, FAILED, 4e-3])
