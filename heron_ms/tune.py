"""`tune_tir`: MetaSchedule's, with heron_ms's space, search and durable measuring."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from heron_ms._tvm import IRModule, PrimFunc, Target, ms
from heron_ms.budget.budget import UNBOUNDED, Budget
from heron_ms.budget.pace import Pace
from heron_ms.events.run import recorded
from heron_ms.hardware import for_target, target_of
from heron_ms.measure.console import quiet
from heron_ms.measure.device import Device
from heron_ms.measure.finalists import measure_finalists
from heron_ms.measure.measuring import OnResult, Tools, measuring
from heron_ms.measure.records import module_of, records_for
from heron_ms.measure.roof import tell_roof
from heron_ms.measure.spread import trials_per_turn
from heron_ms.models.telling import tell_tasks
from heron_ms.normalization import normalize as normalized
from heron_ms.numbers import count_of
from heron_ms.pacing import budget_of, paced, pacing, trials_of, until_settled
from heron_ms.search import ConstrainedGeneticSearch
from heron_ms.sketch import trace_key
from heron_ms.space_generators import HeronSpace, generate_sketches
from heron_ms.work_dir import locked, open_database

logger = logging.getLogger(__name__)


def tune_tir(
    mod: IRModule | PrimFunc,
    target: str | Target,
    work_dir: str,
    max_trials_global: int | None,
    *,
    max_trials_per_task: int | None = None,
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
    num_tuning_cores: Any = "physical",
    seed: int | None = None,
    module_equality: str = "structural",
    special_space: Any = None,
    post_optimization: bool | None = False,
    on_result: OnResult | None = None,
    normalize: bool = True,
    budget: float | Budget | None = None,
    until: float | None = None,
    events: bool = True,
) -> Any:
    """Tune a TensorIR function or module: `ms.tune_tir`'s signature, heron_ms's defaults.

    The defaults are `HeronSpace`, `ConstrainedGeneticSearch`, a builder whose workers import
    nothing they do not need, and a runner that commits every measurement the moment it exists, so
    that a killed run loses nothing. Trials already in the work directory count: a second call with
    the same arguments measures only what the first did not get to. Of several functions each gets
    some trials before any gets many; ``num_trials_per_iter`` is the most at a time.

    The program is normalised first (`heron_ms.normalize`), unless ``normalize`` is false. The
    database holds what was tuned, so records of a program that this changes are found under
    ``heron_ms.normalize(mod)``. `tune_relax` leaves its functions as they are.

    device: where programs are built, run and compared, such as the `Servers` of an RPC tracker; by
    default on this CPU.

    In the end the fastest few programs of each function are measured again, and that replaces what
    they were chosen for. Not so with a ``database`` or ``measure_callbacks`` of the caller's own.

    ``budget`` is the wall time in seconds that all of this may take, ``until`` the share of the
    roof (the measured peak of the instruction for the type of the first argument) at which the one
    function is fast enough, also when the finalists were measured again; ``max_trials_global`` may
    be None with either. A candidate that hangs is given up after half a minute; with a budget,
    after ten times as long as others take, but no less than five seconds.

    events: whether what happens is written to ``events.jsonl`` in the work directory, which
    `heron-ms report` reads.

    A function that cannot be tuned is an `UntunedWarning`, and the others are tuned. What
    MetaSchedule logs is in ``logs`` in the work directory and not on the screen.

    Returns the database. Raises `TrialsError` for fewer than one trial, `BudgetError` for a budget
    or a share that is none, `WorkDirError` for a work
    directory that is a file or cannot be used, `WorkerError` where nothing can be built for want of
    space, `TargetError` for what is no target of LLVM's or, unless a ``runner`` is given, none that
    this CPU executes.
    """
    bounds, target = budget_of(budget, until), target_of(target)
    trials = trials_of(max_trials_global, bounds)
    module = IRModule({"main": mod}) if isinstance(mod, PrimFunc) else mod
    module = normalized(module, for_target(target)) if normalize else module
    functions = [func for _, func in module.functions_items() if isinstance(func, PrimFunc)]
    space = HeronSpace() if space is None else space
    facts = facts_of(target, trials, seed, strategy, bounds)
    with (
        Tools(target, builder, runner, given_device=device) as tools,
        locked(work_dir),
        recorded(Path(work_dir), written=events, subject=", ".join(_names(module)), **facts),
        quiet(),
    ):
        store = database_of(database, work_dir, module_equality, functions)
        left = trials_left(store, functions, target, space, trials)
        turn = count_of("num_trials_per_iter", num_trials_per_iter)
        if runner is None and device is None and left:
            tell_roof(target)

        def search(pace: Pace) -> None:
            ms.tune_tir(
                module,
                target,
                work_dir,
                left - pace.tried,
                max_trials_per_task=count_of("max_trials_per_task", max_trials_per_task or trials),
                num_trials_per_iter=trials_per_turn(turn, left, len(functions)),
                cost_model=cost_model,
                space=space,
                strategy=paced(resuming(strategy), pace),
                num_tuning_cores=num_tuning_cores,
                seed=seed,
                module_equality=module_equality,
                special_space=special_space,
                post_optimization=post_optimization,
                **measuring(store, tools, task_scheduler, measure_callbacks, on_result),
            )

        def finalists(pace: Pace) -> bool:
            if database != "json" or measure_callbacks is not None:
                return False
            return measure_finalists(Path(work_dir), functions, tools, pace.has_time)

        with pacing(bounds, left, functions, tools, store, ["finalists"], Path(work_dir)) as pace:
            tell_tasks(_tasks(module), target)
            changed = until_settled(pace, left, search, finalists)
        return open_database(work_dir, module_equality) if changed else store


def facts_of(
    target: Target, trials: int, seed: int | None, strategy: Any, bounds: Budget
) -> dict[str, Any]:
    """What the first event of a run says of it, beside its subject."""
    explorer = getattr(strategy, "explorer", strategy)
    return {
        "target": str(target),
        "cores": for_target(target).cores,
        "trials": None if trials == UNBOUNDED else trials,
        "budget_seconds": bounds.seconds,
        "until": bounds.until,
        "seed": seed,
        "strategy": "ConstrainedGenetic" if strategy is None else type(explorer).__name__,
    }


def _names(module: IRModule) -> list[str]:
    return [
        str(var.name_hint) for var, func in module.functions_items() if isinstance(func, PrimFunc)
    ]


def _tasks(module: IRModule) -> Iterator[tuple[str, IRModule, int]]:
    """The functions of a module as tasks, by the names that MetaSchedule calls them."""
    for name in _names(module):
        yield name, module_of(module[name]), 1


def database_of(given: Any, work_dir: str, module_equality: str, functions: Sequence[Any]) -> Any:
    """The database of a work directory for MetaSchedule's word "json"; else the given one."""
    return open_database(work_dir, module_equality, functions) if given == "json" else given


def trials_left(
    store: Any, functions: Iterable[Any], target: Target, space: Any, trials: int
) -> int:
    """The trials that a database does not hold yet; logs how many it holds.

    Only records of this very space count.
    """
    held = sum(len(_of_space(store, func, target, space)) for func in functions)
    left = max(0, trials - held)
    if held:
        hint = "" if left else f": ask for more than {held} to go on"
        logger.warning("%d trials are in the database%s", held, hint)
    return left


def _of_space(store: Any, func: PrimFunc, target: Target, space: Any) -> list[Any]:
    """The records of a function that are programs of a space."""
    records = records_for(store, func, target)
    if not records:
        return []
    own = space.clone() if hasattr(space, "clone") else space
    keys = {sketch.key() for sketch in generate_sketches(module_of(func), target, own)}
    return [record for record in records if trace_key(record.trace) in keys]


def resuming(strategy: Any) -> Any:
    """A strategy (default: the CGA) to which earlier trials count, if it is one of ours."""
    chosen = ConstrainedGeneticSearch() if strategy is None else strategy
    return chosen.resuming() if hasattr(chosen, "resuming") else chosen
