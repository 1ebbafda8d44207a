"""`tune_tir`: MetaSchedule's, with heron_ms's space, search and durable measuring."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from heron_ms._tvm import IRModule, PrimFunc, Target, ms
from heron_ms.errors import TrialsError
from heron_ms.measure.finalists import measure_finalists
from heron_ms.measure.measuring import OnResult, Tools, measuring
from heron_ms.measure.records import records_for
from heron_ms.normalization import normalize as normalized
from heron_ms.search import ConstrainedGeneticSearch
from heron_ms.space_generators import HeronSpace
from heron_ms.work_dir import locked, open_database


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

    In the end the fastest few programs of each function are measured again, and that replaces what
    they were chosen for. Not so with a ``database`` or ``measure_callbacks`` of the caller's own.

    Returns the database. Raises `TrialsError` for fewer than one trial, `WorkDirError` for a work
    directory that is a file or cannot be used, `WorkerError` where nothing can be built for want of
    space, `UnsatisfiableSpaceError` for a space without a program.
    """
    target = target if isinstance(target, Target) else Target(target)
    module = IRModule({"main": mod}) if isinstance(mod, PrimFunc) else mod
    module = normalized(module) if normalize else module
    functions = [func for _, func in module.functions_items() if isinstance(func, PrimFunc)]
    with locked(work_dir):
        store = database_of(database, work_dir, module_equality, functions)
        left = trials_left(store, functions, target, max_trials_global)
        tools = Tools(target, builder, runner)
        if left:
            ms.tune_tir(
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
                **measuring(store, tools, task_scheduler, measure_callbacks, on_result),
            )
        if database != "json" or measure_callbacks is not None:
            return store
        return decided(store, work_dir, module_equality, functions, tools)


def database_of(given: Any, work_dir: str, module_equality: str, functions: Sequence[Any]) -> Any:
    """The database of a work directory for MetaSchedule's word "json"; else the given one."""
    return open_database(work_dir, module_equality, functions) if given == "json" else given


def trials_left(store: Any, functions: Iterable[Any], target: Target, trials: int) -> int:
    """The trials that a database does not hold yet. Raises `TrialsError` for none wanted."""
    if trials < 1:
        raise TrialsError(f"max_trials_global must be at least 1, got {trials}")
    return max(0, trials - sum(len(records_for(store, each, target)) for each in functions))


def decided(
    store: Any, work_dir: str, module_equality: str, functions: Sequence[Any], tools: Tools
) -> Any:
    """The database of a work directory, the finalists of each function measured again."""
    changed = measure_finalists(Path(work_dir), functions, tools)
    return open_database(work_dir, module_equality) if changed else store
