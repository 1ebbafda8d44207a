"""Whole tuning runs through MetaSchedule, most of them with planted measurements."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import heron_ms
from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import IRModule, Target, ms, tvm_compile
from heron_ms.errors import TrialsError, WorkDirError
from heron_ms.search import ConstrainedGeneticSearch, Preset
from heron_ms.space_generators import HeronSpace
from heron_ms.testing import PlantedBuilder, PlantedRunner, survival
from heron_ms.workloads.gemm import Gemm

SMALL = Preset(batch=4, population=32, generations=1, parents=8, elites=4)


def seconds(mod: IRModule) -> float:
    """A time that depends on the program alone."""
    import tvm_ffi

    return 1e-4 * (1 + tvm_ffi.structural_hash(mod) % 997)


def _strategies() -> dict[str, Callable[[], Any]]:
    return {
        "ours": lambda: ConstrainedGeneticSearch(SMALL),
        "evolutionary": lambda: ms.search_strategy.EvolutionarySearch(
            population_size=8, init_min_unmeasured=4, genetic_num_iters=1
        ),
    }


SPACES: dict[str, Callable[[], Any]] = {
    "ours": HeronSpace,
    "post-order-apply": lambda: "post-order-apply",
}


def _tune(mod: IRModule, target: Target, work_dir: Path, trials: int, **options: Any) -> Any:
    """Plain MetaSchedule."""
    preload_intrinsics()
    given = {
        "builder": PlantedBuilder(seconds),
        "runner": PlantedRunner(),
        "cost_model": "random",
        "num_trials_per_iter": 4,
        "num_tuning_cores": 1,
        "seed": 1,
        **options,
    }
    return ms.tune_tir(mod, target, str(work_dir), trials, **given)


def _two_tasks() -> IRModule:
    first, second = Gemm(64, 64, 64), Gemm(32, 128, 48, weight="nk")
    functions = {
        name: workload.prim_func().with_attr("global_symbol", name)
        for name, workload in (("first", first), ("second", second))
    }
    return IRModule(functions)


def _lines(work_dir: Path) -> list[str]:
    path = work_dir / "database_tuning_record.json"
    return path.read_text().splitlines() if path.is_file() else []


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("strategy", ["ours", "evolutionary"])
def test_all_pairings(
    gemm: Callable[..., Any], dlboost: Target, tmp_path: Path, space: str, strategy: str
) -> None:
    parts = {"space": SPACES[space](), "strategy": _strategies()[strategy]()}
    database = _tune(gemm(64, 64, 64), dlboost, tmp_path, 4, **parts)
    assert len(database) == 4
    assert len(set(_lines(tmp_path))) == 4


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("strategy", ["ours", "evolutionary"])
def test_two_tasks_in_one_module(
    dlboost: Target, tmp_path: Path, space: str, strategy: str
) -> None:
    parts = {"space": SPACES[space](), "strategy": _strategies()[strategy]()}
    database = _tune(_two_tasks(), dlboost, tmp_path, 8, **parts)
    workloads = {str(record.workload.mod) for record in database.get_all_tuning_records()}
    assert len(workloads) == 2


@pytest.mark.slow
@pytest.mark.vnni
@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("strategy", ["ours", "evolutionary"])
def test_all_pairings_measured(
    gemm: Callable[..., Any], here: Target, tmp_path: Path, space: str, strategy: str
) -> None:
    search = "evolutionary" if strategy == "evolutionary" else ConstrainedGeneticSearch("quick")
    database = _tune(
        gemm(64, 64, 64, weight="packed"),
        here,
        tmp_path,
        2,
        space=SPACES[space](),
        strategy=search,
        builder=heron_ms.measure.cpu.builder.local_builder(1),
        runner="local",
    )
    assert len(database) == 2


def _ours(mod: IRModule, target: Target, work_dir: Path, trials: int, **options: Any) -> Any:
    """heron_ms's front end, with planted measurements."""
    given = {
        "builder": PlantedBuilder(seconds),
        "runner": PlantedRunner(),
        "strategy": ConstrainedGeneticSearch(SMALL),
        "num_tuning_cores": 1,
        "seed": 1,
        **options,
    }
    return heron_ms.tune_tir(mod, target, str(work_dir), trials, **given)


def test_results_are_reported_and_recorded(
    gemm: Callable[..., Any], dlboost: Target, tmp_path: Path
) -> None:
    heard: list[float | None] = []
    database = _ours(gemm(64, 64, 64), dlboost, tmp_path, 10, on_result=heard.append)
    assert len(database) == len(heard) == len(_lines(tmp_path)) == 10
    recorded = sorted(float(record.run_secs[0]) for record in database.get_all_tuning_records())
    assert recorded == pytest.approx(sorted(time for time in heard if time is not None))


def test_failures_are_recorded_and_the_run_ends(
    gemm: Callable[..., Any], dlboost: Target, tmp_path: Path
) -> None:
    heard: list[float | None] = []
    builder = PlantedBuilder(lambda _: None)
    database = _ours(
        gemm(64, 64, 64), dlboost, tmp_path, 10, builder=builder, on_result=heard.append
    )
    assert heard == [None] * 10
    assert {float(record.run_secs[0]) for record in database.get_all_tuning_records()} == {1e10}


def test_a_spent_budget_measures_nothing(
    gemm: Callable[..., Any], dlboost: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _ours(gemm(64, 64, 64), dlboost, tmp_path, 6)
    before = _lines(tmp_path)
    heard: list[float | None] = []
    _ours(gemm(64, 64, 64), dlboost, tmp_path, 6, on_result=heard.append)
    assert heard == []
    assert _lines(tmp_path) == before
    said = "6 trials are in the database: ask for more than 6 to go on\n"
    assert said in capsys.readouterr().err


def test_a_larger_budget_goes_on(
    gemm: Callable[..., Any], dlboost: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _ours(gemm(64, 64, 64), dlboost, tmp_path, 6)
    before = _lines(tmp_path)
    _ours(gemm(64, 64, 64), dlboost, tmp_path, 15)
    after = _lines(tmp_path)
    assert after[: len(before)] == before
    assert len(after) == len(_traces(tmp_path)) == 15
    assert "6 trials are in the database\n" in capsys.readouterr().err


def test_two_tasks_share_a_budget(dlboost: Target, tmp_path: Path) -> None:
    for trials in (10, 18):
        _ours(_two_tasks(), dlboost, tmp_path, trials, num_trials_per_iter=4)
        # MetaSchedule looks at the global budget between rounds only.
        assert trials <= len(_lines(tmp_path)) < trials + 4
    assert len(_traces(tmp_path)) == len(_lines(tmp_path))


def test_tasks_that_differ_in_name_only_are_counted_once(dlboost: Target, tmp_path: Path) -> None:
    function = Gemm(64, 64, 64).prim_func()
    twice = IRModule({n: function.with_attr("global_symbol", n) for n in ("first", "second")})
    _ours(twice, dlboost, tmp_path, 8, num_trials_per_iter=4)
    spent = len(_lines(tmp_path))
    _ours(twice, dlboost, tmp_path, spent + 4, num_trials_per_iter=4)
    assert len(_lines(tmp_path)) == spent + 4


def _traces(work_dir: Path) -> set[str]:
    """Each measured program once: which workload, and the trace."""
    records = [json.loads(line) for line in _lines(work_dir)]
    return {json.dumps([workload, record[0]]) for workload, record in records}


_RUN = """
import sys
from pathlib import Path
from tests.integration.test_tuning import interruptible
interruptible(Path(sys.argv[1]), int(sys.argv[2]))
"""


def interruptible(work_dir: Path, trials: int) -> None:
    """A tuning run of which every measurement takes a while."""
    from heron_ms._tvm import derived_object

    class Slow(ms.runner.PyRunner):  # type: ignore[misc]
        def run(self, runner_inputs: list[Any]) -> list[Any]:
            time.sleep(0.05)
            return list(PlantedRunner().run(runner_inputs))

    target = Target({"kind": "llvm", "mcpu": "cascadelake", "num-cores": 2})
    module = IRModule({"main": Gemm(64, 64, 64).prim_func()})
    _ours(module, target, work_dir, trials, runner=derived_object(Slow)())


def _start(work_dir: Path, trials: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", _RUN, str(work_dir), str(trials)]
    root, nowhere = Path(__file__).parents[2], subprocess.DEVNULL
    return subprocess.Popen(command, cwd=root, stdout=nowhere, stderr=nowhere)


def _kill_after(process: subprocess.Popen[bytes], work_dir: Path, records: int) -> None:
    deadline = time.monotonic() + 60
    while len(survival.records(work_dir)) < records and time.monotonic() < deadline:
        assert process.poll() is None, "the run ended by itself"
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.slow
def test_a_killed_run_loses_nothing(tmp_path: Path) -> None:
    trials = 30
    for records in (3, 14):
        _kill_after(_start(tmp_path, trials), tmp_path, records)
    # The kill may come while a record is being written, which is then no measurement yet.
    before = [record.rest for record in survival.records(tmp_path)]
    assert 14 <= len(before) < trials
    interruptible(tmp_path, trials)
    after = [record.rest for record in survival.records(tmp_path)]
    assert after[: len(before)] == before
    assert len(_lines(tmp_path)) == len(_traces(tmp_path)) == trials


def test_a_line_cut_short_by_a_kill_is_measured_again(tmp_path: Path) -> None:
    interruptible(tmp_path, 4)
    path = tmp_path / "database_tuning_record.json"
    path.write_text(path.read_text()[:-40])
    interruptible(tmp_path, 8)
    assert len(_lines(tmp_path)) == 8


@pytest.mark.parametrize("content", ["{", "[0, 1]\n", "not json\n", '[0, [[], []], "x"]\n'])
@pytest.mark.parametrize("name", ["database_workload.json", "database_tuning_record.json"])
def test_a_broken_database(dlboost: Target, tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    _ours(IRModule({"main": Gemm(64, 64, 64).prim_func()}), dlboost, tmp_path, 2)
    assert len(_lines(tmp_path)) == 2
    assert json.loads((tmp_path / "damaged.jsonl").read_text())["text"] == content.strip()


def test_a_database_that_cannot_be_made(dlboost: Target, tmp_path: Path) -> None:
    (tmp_path / "database_workload.json").mkdir()
    with pytest.raises(WorkDirError, match="database_workload.json cannot be read") as caught:
        _ours(IRModule({"main": Gemm(64, 64, 64).prim_func()}), dlboost, tmp_path, 2)
    assert "\n" not in str(caught.value)


def test_a_work_directory_that_is_a_file(dlboost: Target, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("")
    with pytest.raises(WorkDirError, match="is a file"):
        _ours(IRModule({"main": Gemm(64, 64, 64).prim_func()}), dlboost, path, 2)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_work_directory_that_cannot_be_written(dlboost: Target, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(WorkDirError, match="cannot be used"):
        _ours(IRModule({"main": Gemm(64, 64, 64).prim_func()}), dlboost, tmp_path / "new", 2)


@pytest.mark.parametrize("trials", [0, -1])
def test_no_trials(dlboost: Target, tmp_path: Path, trials: int) -> None:
    with pytest.raises(TrialsError, match="at least 1"):
        _ours(IRModule({"main": Gemm(64, 64, 64).prim_func()}), dlboost, tmp_path, trials)


@pytest.mark.vnni
@pytest.mark.parametrize("weight", ["kn", "packed"])
def test_the_best_record_computes_the_right_thing(
    here: Target, tmp_path: Path, weight: str
) -> None:
    import tvm

    workload = Gemm(64, 128, 96, weight=weight)
    module = IRModule({"main": workload.prim_func()})
    strategy = ConstrainedGeneticSearch("quick")
    database = heron_ms.tune_tir(
        module, here, str(tmp_path), 4, strategy=strategy, num_tuning_cores=1, seed=1
    )
    records = list(database.get_all_tuning_records())
    assert len(records) == 4
    assert max(float(record.run_secs[0]) for record in records) < 1
    sch = ms.tir_integration.compile_tir(database, module, here)
    kernel = tvm_compile(sch.mod, here)
    a, b = workload.random_inputs(np.random.default_rng(0))
    c = tvm.runtime.tensor(np.full((64, 96), -7, np.int32))
    kernel(tvm.runtime.tensor(a), tvm.runtime.tensor(workload.arrange(b)), c)
    np.testing.assert_array_equal(c.numpy(), workload.reference(a, b))


def test_a_moved_work_directory_is_the_same_run(
    gemm: Callable[..., Any], dlboost: Target, tmp_path: Path
) -> None:
    _ours(gemm(64, 64, 64), dlboost, tmp_path / "here", 6)
    shutil.move(tmp_path / "here", tmp_path / "there")
    _ours(gemm(64, 64, 64), dlboost, tmp_path / "there", 10)
    assert len(_lines(tmp_path / "there")) == len(_traces(tmp_path / "there")) == 10
