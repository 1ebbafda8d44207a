"""MetaSchedule's tuning entry points with heron_ms's space, search and durable measuring."""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from heron_ms._tvm import IRModule, PrimFunc, Target, ms, relax
from heron_ms.errors import TrialsError, WorkDirError
from heron_ms.measure.builder import local_builder, local_runner
from heron_ms.measure.recording import CommitUnbuilt, RecordingRunner
from heron_ms.measure.records import records_for
from heron_ms.normalization import normalize as normalized
from heron_ms.prepack import build_prepacked, free_constants
from heron_ms.search import ConstrainedGeneticSearch
from heron_ms.space_generators import HeronSpace

logger = logging.getLogger(__name__)

OnResult = Callable[[float | None], None]
"""Called with the seconds of each measurement as it is made; None for a failure.

Measurements are reported by the recording runner, so not where a caller's own
``measure_callbacks`` replace it.
"""


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
    on_result: OnResult | None = None,
    normalize: bool = True,
) -> Any:
    """Tune a TensorIR function or module: `ms.tune_tir`'s signature, heron_ms's defaults.

    The defaults are `HeronSpace`, `ConstrainedGeneticSearch`, a builder whose workers import
    nothing they do not need, and a runner that commits every measurement the moment it exists, so
    that a killed run loses nothing. Trials already in the work directory count: a second call with
    the same arguments measures only what the first did not get to.

    The program is normalised first (`heron_ms.normalize`), unless ``normalize`` is false. The
    database holds what was tuned, so records of a program that this changes are found under
    ``heron_ms.normalize(mod)``. `tune_relax` leaves its functions as they are.

    Returns the database. Raises `TrialsError` for fewer than one trial, `WorkDirError` for a work
    directory that is a file or holds a broken database, `UnsatisfiableSpaceError` for a space
    without a program.
    """
    target = target if isinstance(target, Target) else Target(target)
    module = IRModule({"main": mod}) if isinstance(mod, PrimFunc) else mod
    module = normalized(module) if normalize else module
    functions = [func for _, func in module.functions_items() if isinstance(func, PrimFunc)]
    with _locked(work_dir):
        store = _database(database, work_dir, module_equality)
        left = _trials_left(store, functions, target, max_trials_global)
        if not left:
            return store
        return ms.tune_tir(
            module,
            target,
            work_dir,
            left,
            max_trials_per_task=max_trials_per_task or max_trials_global,
            num_trials_per_iter=num_trials_per_iter,
            cost_model=cost_model,
            space=HeronSpace() if space is None else space,
            strategy=ConstrainedGeneticSearch() if strategy is None else strategy,
            num_tuning_cores=num_tuning_cores,
            seed=seed,
            module_equality=module_equality,
            special_space=special_space,
            post_optimization=post_optimization,
            **_measuring(
                store, target, builder, runner, task_scheduler, measure_callbacks, on_result
            ),
        )


def tune_relax(
    mod: IRModule,
    params: dict[str, Any],
    target: str | Target,
    work_dir: str,
    max_trials_global: int,
    max_trials_per_task: int | None = None,
    op_names: list[str] | None = None,
    *,
    num_trials_per_iter: int = 64,
    builder: Any = None,
    runner: Any = None,
    database: Any = "json",
    cost_model: Any = "random",
    measure_callbacks: Any = None,
    task_scheduler: Any = "gradient",
    space: Any = None,
    strategy: Any = None,
    seed: int | None = None,
    module_equality: str = "structural",
    on_result: OnResult | None = None,
    cpu_weight_prepack: bool = False,
) -> Any:
    """Tune a whole model: `tune_relax` of MetaSchedule with the defaults of `tune_tir`.

    The module is legalised and fused first, which MetaSchedule leaves to its caller and without
    which it finds no task. With ``cpu_weight_prepack``, functions are tuned for weights that are
    packed once (as in `relax.pipeline.static_shape_tuning_pipeline`): those in ``params``, other
    constants, and the parameters of "main" behind its first ``num_input``, if it has that
    attribute. Returns the database; hand it with the same ``mod``, ``params`` and
    ``cpu_weight_prepack`` to `compile_relax`. Raises what `tune_tir` raises.
    """
    target = target if isinstance(target, Target) else Target(target)
    with _locked(work_dir):
        store = _database(database, work_dir, module_equality)
        fused, params = _fused(mod, params, cpu_weight_prepack)
        tasks = ms.relax_integration.extract_tasks(fused, target, params)
        functions = [func for task in tasks for _, func in task.dispatched[0].functions_items()]
        left = _trials_left(store, functions, target, max_trials_global)
        if not left:
            return store
        return ms.relax_integration.tune_relax(
            fused,
            params,
            target,
            work_dir,
            left,
            max_trials_per_task or max_trials_global,
            op_names,
            num_trials_per_iter=num_trials_per_iter,
            cost_model=cost_model,
            space=HeronSpace() if space is None else space,
            strategy=ConstrainedGeneticSearch() if strategy is None else strategy,
            seed=seed,
            module_equality=module_equality,
            **_measuring(
                store, target, builder, runner, task_scheduler, measure_callbacks, on_result
            ),
        )


def compile_relax(
    database: Any,
    mod: IRModule,
    target: str | Target,
    params: dict[str, Any] | None,
    cpu_weight_prepack: bool = False,
) -> Any:
    """Compile a model with the best records of a database; warns of each function without one.

    With ``cpu_weight_prepack``, weights that are constant are packed while compiling. Where they
    are parameters behind the first ``num_input`` of "main", call "main_transform_params" with a
    list of them once, and "main" with what it returns in their place.
    """
    target = target if isinstance(target, Target) else Target(target)
    if cpu_weight_prepack:
        return build_prepacked(database, _fused(mod, params or {}, True)[0], target)
    return ms.relax_integration.compile_relax(database, mod, target, params, enable_warning=True)


def _fused(mod: IRModule, params: dict[str, Any], prepack: bool) -> tuple[IRModule, dict[str, Any]]:
    """The module of the tasks, and the parameters that are still to be bound to it."""
    if not prepack:
        return legalize_and_fuse(mod), params
    bound = relax.transform.BindParams("main", params)(mod) if params else mod
    return free_constants(legalize_and_fuse(bound)), {}


def legalize_and_fuse(mod: IRModule) -> IRModule:
    """The module as MetaSchedule sees its tasks: operators as TensorIR functions, fused."""
    passes = (
        relax.transform.LegalizeOps(),
        relax.transform.AnnotateTIROpPattern(),
        relax.transform.FoldConstant(),
        relax.transform.FuseOps(),
        relax.transform.FuseTIR(),
    )
    for each in passes:
        mod = each(mod)
    return mod


def open_database(work_dir: str, module_equality: str = "structural") -> Any:
    """The JSON database of a work directory, made if it is not there.

    Raises `WorkDirError`, naming the directory and the reason, if it cannot be.
    """
    path = _directory(work_dir)
    try:
        _drop_torn_line(path / "database_tuning_record.json")
        return ms.database.JSONDatabase(work_dir=str(path), module_equality=module_equality)
    except Exception as error:  # TVM reports a bad line as one of several internal errors
        reason = str(error).strip().splitlines()[-1]
        raise WorkDirError(
            f"the database in {path} is broken ({reason}): repair or move away database_*.json"
        ) from error


def _directory(work_dir: str) -> Path:
    path = Path(work_dir)
    if path.exists() and not path.is_dir():
        raise WorkDirError(f"the work directory {path} is a file: name a directory")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkDirError(f"the work directory {path} cannot be made: {error}") from error
    return path


def _drop_torn_line(path: Path) -> None:
    """Cut a record that a killed process did not finish writing; all others end in a newline."""
    content = path.read_bytes() if path.is_file() else b""
    whole, last = content[: content.rfind(b"\n") + 1], content[content.rfind(b"\n") + 1 :]
    # Anything but the start of a record is no torn record but a broken file.
    if last.startswith(b"["):
        path.write_bytes(whole)
        logger.warning("%s: dropped its last record, which was cut short", path)


@contextmanager
def _locked(work_dir: str) -> Iterator[None]:
    """The work directory for this process alone: two would number their workloads alike."""
    try:
        lock = (_directory(work_dir) / "lock").open("w")
    except OSError as error:
        raise WorkDirError(f"{work_dir} cannot be written to: {error}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise WorkDirError(
                f"{work_dir} is in use by another run: wait or name another"
            ) from error
        yield


def _database(given: Any, work_dir: str, module_equality: str) -> Any:
    return open_database(work_dir, module_equality) if given == "json" else given


def _trials_left(store: Any, functions: Iterable[Any], target: Target, trials: int) -> int:
    """The trials that the database does not hold yet."""
    if trials < 1:
        raise TrialsError(f"max_trials_global must be at least 1, got {trials}")
    return max(0, trials - sum(len(records_for(store, each, target)) for each in functions))


def _measuring(
    store: Any,
    target: Target,
    builder: Any,
    runner: Any,
    task_scheduler: Any,
    measure_callbacks: Any,
    on_result: OnResult | None,
) -> dict[str, Any]:
    """How candidates are built, run and recorded; own callbacks replace our recording."""
    scheduler = _create(ms.task_scheduler.TaskScheduler, task_scheduler)
    inner = local_runner(target) if runner is None else _create(ms.runner.Runner, runner)
    ours = measure_callbacks is None
    if ours:
        measure_callbacks = [CommitUnbuilt(on_result), ms.measure_callback.RemoveBuildArtifact()]
    return {
        "builder": local_builder() if builder is None else builder,
        "runner": RecordingRunner(inner, scheduler, store, on_result) if ours else inner,
        "database": store,
        "task_scheduler": scheduler,
        "measure_callbacks": measure_callbacks,
    }


def _create(kind: Any, given: Any) -> Any:
    return given if isinstance(given, kind) else kind.create(given)
