"""Whole models: MetaSchedule's `tune_relax`, with `tune_tir`'s defaults."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from heron_ms._tvm import IRModule, Target, ms
from heron_ms.budget.budget import Budget
from heron_ms.budget.pace import Pace
from heron_ms.events.run import recorded
from heron_ms.hardware import for_target, target_of
from heron_ms.measure.console import quiet
from heron_ms.measure.device import Device
from heron_ms.measure.measuring import OnResult, Tools, measuring
from heron_ms.measure.roof import tell_roof
from heron_ms.measure.spread import least_tuned_first, trials_per_turn
from heron_ms.models.halves import multiplying_halves
from heron_ms.models.passes import prepared
from heron_ms.models.sharing import Share
from heron_ms.models.tasks import maps
from heron_ms.models.telling import tell_tasks
from heron_ms.models.trust import settle
from heron_ms.numbers import count_of
from heron_ms.pacing import budget_of, paced, pacing, trials_of, until_settled
from heron_ms.space_generators import HeronSpace
from heron_ms.tune import database_of, facts_of, resuming, trials_left
from heron_ms.unmeasured.by_loops import one_by_loops
from heron_ms.work_dir import locked, open_database


def tune_relax(
    mod: IRModule,
    params: dict[str, Any],
    target: str | Target,
    work_dir: str,
    max_trials_global: int | None,
    max_trials_per_task: int | None = None,
    op_names: list[str] | None = None,
    *,
    num_trials_per_iter: int = 64,
    builder: Any = None,
    runner: Any = None,
    device: Device | None = None,
    database: Any = "json",
    cost_model: Any = "random",
    measure_callbacks: Any = None,
    task_scheduler: Any = "gradient",
    space: Any = None,
    strategy: Any = None,
    seed: int | None = None,
    module_equality: str = "structural",
    on_result: OnResult | None = None,
    cpu_weight_prepack: bool | None = None,
    budget: float | Budget | None = None,
    share: Share | None = None,
    events: bool = True,
) -> Any:
    """Tune a whole model: `tune_relax` of MetaSchedule with the defaults of `tune_tir`.

    Every task gets some trials before any gets many, also where there are few
    (``num_trials_per_iter`` is the most at a time), and those without a record come first.
    MetaSchedule's log is in ``logs`` in the work directory.

    The module is legalised and fused first, which MetaSchedule leaves to its caller and without
    which it finds no task. Unless ``cpu_weight_prepack`` is false, functions are tuned for weights
    that are packed once: those in ``params`` and other constants, and, where it is true, the
    parameters of "main" behind its first ``num_input`` (as in
    `relax.pipeline.static_shape_tuning_pipeline`); where it is None, a model with such parameters
    is left alone. Unless a ``runner`` is given, programs find in the caches what they would in a
    model: their inputs, but not their weights.

    ``budget`` is the wall time in seconds that all of this may take; ``max_trials_global`` may be
    None with it. Each task gets a share of half of it first; the rest goes where the scheduler
    expects the most of a call of the model.

    For a machine that takes only the products of a model (`Device.offloads`), tasks are those that
    map to it; `models.offloading` runs the whole.

    share: the tasks that are this tuner's, where several tune one model, each in a work directory
    of its own; ``max_trials_global`` are then those of the share. events: as of `tune_tir`.

    In the end the finalists are measured again, as by `tune_tir`, and the winner of each task is
    compared with the task unscheduled. One that computes something else counts as a failure, with a
    `WrongWarning`, and the next best wins. Returns the database; hand it with the same ``mod``,
    ``params`` and ``cpu_weight_prepack`` to `compile_relax`. Raises what `tune_tir` raises, and
    `PackingError` where it is true and no weight is constant.
    """
    bounds, target = budget_of(budget), target_of(target)
    trials = trials_of(max_trials_global, bounds)
    space = HeronSpace(otherwise=one_by_loops) if space is None else space
    tools = Tools(target, builder, runner, in_model=True, given_device=device)
    facts = facts_of(target, trials, seed, strategy, bounds)
    with (
        tools,
        locked(work_dir),
        recorded(Path(work_dir), written=events, subject="a Relax module", **facts),
        quiet(),
    ):
        fused = prepared(multiplying_halves(mod, for_target(target)), params, cpu_weight_prepack)
        extracted = ms.relax_integration.extract_tasks(fused, target, {}, module_equality)
        if share is not None:
            extracted = share.of(extracted, lambda task: task.dispatched[0]["main"])
        if tools.device.offloads:
            machine = for_target(target)
            extracted = [task for task in extracted if maps(task.dispatched[0], machine)]
        functions = [func for task in extracted for func in task.dispatched[0].functions.values()]
        store = database_of(database, work_dir, module_equality, functions)
        left = trials_left(store, functions, target, space, trials)
        tasks = least_tuned_first(_named(extracted, op_names), store, target)
        if runner is None and device is None and left:
            tell_roof(target)

        def search(pace: Pace) -> None:
            contexts, calls = ms.relax_integration.extracted_tasks_to_tune_contexts(
                tasks, work_dir, space, paced(resuming(strategy), pace), seed=seed
            )
            turn = count_of("num_trials_per_iter", num_trials_per_iter)
            ms.tune.tune_tasks(
                tasks=contexts,
                task_weights=calls,
                work_dir=work_dir,
                max_trials_global=left - pace.tried,
                max_trials_per_task=count_of("max_trials_per_task", max_trials_per_task or trials),
                num_trials_per_iter=trials_per_turn(turn, left, len(tasks)),
                cost_model=cost_model,
                module_equality=module_equality,
                **measuring(store, tools, task_scheduler, measure_callbacks, on_result),
            )

        def finalists(pace: Pace) -> bool:
            if database != "json" or measure_callbacks is not None:
                return False
            programs = {str(task.task_name): task.dispatched[0]["main"] for task in extracted}
            return settle(Path(work_dir), programs, tools, pace.has_time)

        phases = ["finalists", "compare"]
        with pacing(bounds, left, functions, tools, store, phases, Path(work_dir)) as pace:
            tell_tasks(
                ((str(task.task_name), task.dispatched[0], int(task.weight)) for task in tasks),
                target,
            )
            changed = until_settled(pace, left if tasks else 0, search, finalists)
        return open_database(work_dir, module_equality) if changed else store


def _named(tasks: Sequence[Any], names: Sequence[str] | None) -> list[Any]:
    """The tasks whose names contain one of some words; all without words."""
    return [task for task in tasks if not names or any(n in str(task.task_name) for n in names)]
