"""MetaSchedule's tuning entry points with heron_ms's space, search and durable measuring."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from heron_ms._tvm import IRModule, PrimFunc, Target, ms
from heron_ms.errors import TrialsError, WorkDirError
from heron_ms.measure.builder import local_builder, local_runner
from heron_ms.measure.recording import CommitUnbuilt, RecordingRunner
from heron_ms.search import ConstrainedGeneticSearch
from heron_ms.space_generators import HeronSpace


def tune_tir(
    mod: IRModule | PrimFunc,
    target: str | Target,
    work_dir: str,
    max_trials_global: int,
    *,
    max_trials_per_task: int | None = None,
    num_trials_per_iter: int = 64,
    builder: Any = None,
    runner: Any = None,
    database: Any = "json",
    cost_model: Any = "random",
    measure_callbacks: Any = None,
    task_scheduler: Any = "gradient",
    space: Any = None,
    strategy: Any = None,
    num_tuning_cores: Any = "physical",
    seed: int | None = None,
    module_equality: str = "structural",
    special_space: Any = None,
    post_optimization: bool | None = False,
    on_result: Callable[[float | None], None] | None = None,
) -> Any:
    """Tune a TensorIR function or module: `ms.tune_tir`'s signature, heron_ms's defaults.

    The defaults are `HeronSpace`, `ConstrainedGeneticSearch`, a builder whose workers import
    nothing they do not need, and a runner that commits every measurement the moment it exists, so
    that a killed run loses nothing. Trials already in the work directory count: a second call with
    the same arguments measures only what the first did not get to. ``on_result`` is called with
    the seconds of each measurement, None for a failure.

    Raises `TrialsError` for fewer than one trial, `WorkDirError` for a work directory that is a
    file or holds a broken database, `UnsatisfiableSpaceError` for a space without a program.
    """
    if max_trials_global < 1:
        raise TrialsError(f"max_trials_global must be at least 1, got {max_trials_global}")
    target = Target(target) if not isinstance(target, Target) else target
    module = IRModule({"main": mod}) if isinstance(mod, PrimFunc) else mod
    store = open_database(work_dir, module_equality) if database == "json" else database
    spent = _spent(store, module, target)
    if spent >= max_trials_global:
        return store
    scheduler = _create(ms.task_scheduler.TaskScheduler, task_scheduler)
    if measure_callbacks is None:
        measure_callbacks = [CommitUnbuilt(on_result), ms.measure_callback.RemoveBuildArtifact()]
        inner = local_runner(target) if runner is None else _create(ms.runner.Runner, runner)
        runner = RecordingRunner(inner, scheduler, store, on_result)
    return ms.tune_tir(
        module,
        target,
        work_dir,
        max_trials_global - spent,
        max_trials_per_task=max_trials_per_task or max_trials_global,
        num_trials_per_iter=num_trials_per_iter,
        builder=local_builder() if builder is None else builder,
        runner="local" if runner is None else runner,
        database=store,
        cost_model=cost_model,
        measure_callbacks=measure_callbacks,
        task_scheduler=scheduler,
        space=HeronSpace() if space is None else space,
        strategy=ConstrainedGeneticSearch() if strategy is None else strategy,
        num_tuning_cores=num_tuning_cores,
        seed=seed,
        module_equality=module_equality,
        special_space=special_space,
        post_optimization=post_optimization,
    )


def open_database(work_dir: str, module_equality: str = "structural") -> Any:
    """The JSON database of a work directory, made if it is not there.

    Raises `WorkDirError`, naming the file, if it cannot be.
    """
    path = Path(work_dir)
    if path.exists() and not path.is_dir():
        raise WorkDirError(f"the work directory {path} is a file: name a directory")
    try:
        path.mkdir(parents=True, exist_ok=True)
        return ms.database.JSONDatabase(work_dir=str(path), module_equality=module_equality)
    except OSError as error:
        raise WorkDirError(f"the work directory {path} cannot be used: {error}") from error
    except Exception as error:  # TVM reports a bad line as one of several internal errors
        reason = str(error).strip().splitlines()[-1]
        raise WorkDirError(
            f"the database in {path} is broken ({reason}): remove or repair database_*.json"
        ) from error


def _spent(database: Any, mod: IRModule, target: Target) -> int:
    """Trials that the database already holds of the module's tasks."""
    from heron_ms.search.base import records_for

    functions = [f for _, f in mod.functions_items() if isinstance(f, PrimFunc)]
    return sum(len(records_for(database, _as_task(f), target)) for f in functions)


def _as_task(func: PrimFunc) -> IRModule:
    return ms.tune_context._normalize_mod(func)


def _create(kind: Any, given: Any) -> Any:
    return given if isinstance(given, kind) else kind.create(given)
