"""Whole models: MetaSchedule's `tune_relax` and `compile_relax`, with `tune_tir`'s defaults."""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import IRModule, Target, ms, relax
from heron_ms.hardware import target_of
from heron_ms.measure.measuring import OnResult, Tools, measuring
from heron_ms.models.passes import legalize_and_fuse
from heron_ms.models.prepack import build_tuned, free_constants
from heron_ms.numbers import count_of
from heron_ms.space_generators import HeronSpace
from heron_ms.tune import database_of, decided, resuming, trials_left
from heron_ms.work_dir import locked


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
    target, trials = target_of(target), count_of("max_trials_global", max_trials_global)
    space = HeronSpace() if space is None else space
    with Tools(target, builder, runner) as tools, locked(work_dir):
        fused, params = fused_with(mod, params, cpu_weight_prepack)
        tasks = ms.relax_integration.extract_tasks(fused, target, params)
        functions = [func for task in tasks for _, func in task.dispatched[0].functions_items()]
        store = database_of(database, work_dir, module_equality, functions)
        left = trials_left(store, functions, target, space, trials)
        if left:
            ms.relax_integration.tune_relax(
                fused,
                params,
                target,
                work_dir,
                left,
                count_of("max_trials_per_task", max_trials_per_task or trials),
                op_names,
                num_trials_per_iter=count_of("num_trials_per_iter", num_trials_per_iter),
                cost_model=cost_model,
                space=space,
                strategy=resuming(strategy),
                seed=seed,
                module_equality=module_equality,
                **measuring(store, tools, task_scheduler, measure_callbacks, on_result),
            )
        if database != "json" or measure_callbacks is not None:
            return store
        return decided(store, work_dir, module_equality, functions, tools)


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
    target = target_of(target)
    fused, _ = fused_with(mod, params or {}, cpu_weight_prepack)
    return build_tuned(database, fused, target, cpu_weight_prepack)


def fused_with(
    mod: IRModule, params: dict[str, Any], prepack: bool
) -> tuple[IRModule, dict[str, Any]]:
    """The module of the tasks, and the parameters that are still to be bound to it: none.

    They are bound first, because what is folded are constants.
    """
    bound = relax.transform.BindParams("main", params)(mod) if params else mod
    fused = legalize_and_fuse(bound)
    return (free_constants(fused) if prepack else fused), {}
