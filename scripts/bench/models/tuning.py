"""Searches for a model's tasks, within a time that a killed run resumes under."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from shutil import rmtree
from typing import Any

import tvm
from tvm import relax

from heron_ms._tvm import IRModule, ms
from heron_ms.hardware import for_target
from heron_ms.measure.cpu.builder import local_builder, local_runner
from heron_ms.measure.records import best_record, seconds_of
from heron_ms.models.tasks import tasks_of
from scripts.bench.models.contenders import Case


def search(case: Case, folder: Path, trials: int, seconds: int) -> Any:
    """The database of ours: as a user tunes a model, by the command line, in a time.

    Raises RuntimeError with its last line where it fails.
    """
    shapes = [_shape_option(name, shape) for name, shape in case.net.shapes.items() if shape]
    words = ["tune-model", str(case.file), *(word for option in shapes for word in option)]
    words += ["--trials", str(trials), "--budget", f"{seconds}s", "--seed", "0"]
    command = [sys.executable, "-m", "heron_ms", *words, "--work-dir", str(folder)]
    with subprocess.Popen(command, env={**os.environ, "NO_COLOR": "1"}) as process:
        try:
            status = process.wait()
        except BaseException:
            process.terminate()
            raise
    if status:
        raise RuntimeError(f"heron-ms {words[0]} ended with status {status}")
    return _database(folder)


def sum_of_tasks(case: Case, folder: Path) -> float | None:
    """Milliseconds of all tasks of a model by the records in a folder; None where one has none."""
    if not (folder / "database_tuning_record.json").is_file():
        return None
    database, total = _database(folder), 0.0
    for task in tasks_of(case.model().fused, for_target(case.target)):
        record = best_record(database, task.mod, case.target)
        if record is None:
            return None
        total += task.calls * seconds_of(record.run_secs) * 1e3
    return total


def _database(folder: Path) -> Any:
    return ms.database.create("json", work_dir=str(folder), module_equality="structural")


def stock_search(case: Case, folder: Path, trials: int, each: int) -> IRModule:
    """The module with what stock MetaSchedule finds in as many trials, after TVM's own passes.

    Builder and runner are ours. As stock is by itself, 64 trials go to each task before the next;
    fewer are in its favour where they do not reach all. A search that was killed begins again.
    """
    mod = _by_stock(case)
    ended = folder / f"{trials}-trials"
    if not ended.is_file():
        rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        ms.relax_integration.tune_relax(
            mod,
            {},
            case.target,
            str(folder),
            trials,
            num_trials_per_iter=each,
            builder=local_builder(),
            runner=local_runner(case.target, in_model=True),
            seed=0,
        )
        ended.touch()
    with case.target:
        return relax.transform.MetaScheduleApplyDatabase(str(folder))(mod)


def _by_stock(case: Case) -> IRModule:
    """The model as `relax.pipeline.static_shape_tuning_pipeline` tunes it."""
    passes = [
        relax.transform.DecomposeOpsForInference(),
        relax.transform.CanonicalizeBindings(),
        relax.get_pipeline("zero"),
    ]
    with case.target:
        return tvm.transform.Sequential(passes)(case.model().mod)


def _shape_option(name: str, shape: tuple[int, ...]) -> tuple[str, str]:
    return "--shape", f"{name}={'x'.join(map(str, shape))}"
