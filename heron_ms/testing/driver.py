"""Runs a strategy as MetaSchedule does, with measurements that are a function of the trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import IRModule, Target, ms
from heron_ms.sketch import sampling, trace_key
from heron_ms.space_generators import HeronSpace

Measure = Callable[[Any], "float | None"]
"""Seconds of a measure candidate; None for one that fails."""


def context_of(mod: IRModule, target: Target, strategy: Any, seed: int = 1) -> Any:
    """A tuning context of a strategy on the space of heron_ms."""
    preload_intrinsics()
    return ms.TuneContext(
        mod=mod,
        target=target,
        space_generator=HeronSpace(),
        search_strategy=strategy,
        num_threads=1,
        rand_state=seed,
    )


def search(
    context: Any, trials: int, measure: Measure, database: Any = None, per_round: int = 64
) -> list[list[Any]]:
    """The batches of candidates that a context's strategy proposes until it ends.

    Raises AssertionError for one that polls for ever: more empty rounds than trials.
    """
    context.pre_tuning(
        max_trials=trials,
        num_trials_per_iter=per_round,
        design_spaces=context.generate_design_space(),
        database=ms.database.MemoryDatabase() if database is None else database,
        cost_model=ms.cost_model.RandomModel(),
    )
    batches: list[list[Any]] = []
    while (batch := context.generate_measure_candidates()) is not None:
        assert len(batches) < 10 * trials, "the search polls for ever"
        batches.append(list(batch))
        context.notify_runner_results(
            batches[-1], [_result(measure(candidate)) for candidate in batch]
        )
    context.post_tuning()
    return batches


def flat(batches: list[list[Any]]) -> list[Any]:
    """The candidates of all batches."""
    return [candidate for batch in batches for candidate in batch]


def identity(candidate: Any) -> str:
    """A candidate by its sketch and decisions."""
    trace = candidate.sch.trace
    return trace_key(trace) + str([trace.get_decision(inst) for inst in sampling(trace)])


def _result(seconds: float | None) -> Any:
    failed = seconds is None
    return ms.runner.RunnerResult(None if failed else [seconds], "planted" if failed else None)
