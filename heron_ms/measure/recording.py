"""A runner that commits every measurement the moment it exists.

MetaSchedule commits a batch at a time, so a killed process loses up to a batch. This runner wraps
another and writes each result to the database as soon as it comes; the scheduler
whose batch is being run says which trace a built artifact belongs to.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from heron_ms._tvm import derived_object, ms
from heron_ms.database.appending import appending_record, appending_workload
from heron_ms.measure.coming import as_they_come
from heron_ms.measure.disk_space import blame_the_disk
from heron_ms.measure.future import Done
from heron_ms.measure.records import FAILED, seconds_of
from heron_ms.measure.shared_traces import SharedTraces
from heron_ms.measure.telling import build_seconds, tell_candidate


class _RecordingRunner(ms.runner.PyRunner):  # type: ignore[misc]
    """See `RecordingRunner`."""

    def __init__(
        self,
        inner: Any,
        scheduler: Any,
        database: Any,
        on_result: Callable[[float | None], None] | None = None,
    ) -> None:
        super().__init__()
        self._inner = inner
        self._scheduler = scheduler
        self._database = database
        self._on_result = on_result
        self._traces = SharedTraces()
        self._last = perf_counter()

    def run(self, runner_inputs: list[Any]) -> list[Any]:
        self._last = perf_counter()
        results = {}
        for position, result in as_they_come(self._inner, runner_inputs):
            self._commit(runner_inputs[position], result)
            results[position] = Done(result)
        return [results[position] for position in range(len(runner_inputs))]

    def _commit(self, runner_input: Any, result: Any) -> None:
        if result.error_msg:
            blame_the_disk(result.error_msg)
        origin = self._find(str(runner_input.artifact_path))
        seconds = None if result.run_secs is None else [float(x) for x in result.run_secs]
        if origin is not None:
            commit(self._database, *origin, seconds, self._traces)
            self._tell(*origin, runner_input, result, seconds)
        if self._on_result is not None:
            self._on_result(None if seconds is None else seconds_of(seconds))

    def _tell(
        self, context: Any, candidate: Any, given: Any, result: Any, seconds: list[float] | None
    ) -> None:
        """Tell of a measurement; what it took is what went by since the one before."""
        before, self._last = self._last, perf_counter()
        error = None if result.error_msg is None else str(result.error_msg)
        took = {
            "run_seconds": self._last - before,
            "build_seconds": build_seconds(str(given.artifact_path)),
        }
        tell_candidate(context, candidate, error, seconds, **took)

    def _find(self, artifact: str) -> tuple[Any, Any] | None:
        for task in self._scheduler.tasks_:
            built = zip(task.measure_candidates or [], task.builder_results or [], strict=False)
            for candidate, result in built:
                if result.artifact_path is not None and str(result.artifact_path) == artifact:
                    return task.ctx, candidate
        return None


class _CommitUnbuilt(ms.measure_callback.PyMeasureCallback):  # type: ignore[misc]
    """See `CommitUnbuilt`."""

    def __init__(self, on_result: Callable[[float | None], None] | None = None) -> None:
        super().__init__()
        self._on_result = on_result

    def apply(
        self,
        task_scheduler: Any,
        task_id: int,
        measure_candidates: list[Any],
        builder_results: list[Any],
        runner_results: list[Any],
    ) -> None:
        task = task_scheduler.tasks_[task_id]
        for candidate, result in zip(measure_candidates, builder_results, strict=True):
            if result.error_msg:
                blame_the_disk(result.error_msg)
                commit(task_scheduler.database_, task.ctx, candidate, None)
                tell_candidate(task.ctx, candidate, str(result.error_msg), None)
                if self._on_result is not None:
                    self._on_result(None)


RecordingRunner: Any = derived_object(_RecordingRunner)
"""Wraps a runner; commits each result to the database and reports it as it comes."""

CommitUnbuilt: Any = derived_object(_CommitUnbuilt)
"""Commits, as failures, the candidates that never reached the runner."""


def commit(
    database: Any,
    context: Any,
    candidate: Any,
    seconds: list[float] | None,
    traces: SharedTraces | None = None,
) -> None:
    """Write one measurement (None: a failure) as MetaSchedule's own callback would.

    Raises `WorkDirError` if the database has files and they cannot be written to.
    """
    trace = candidate.sch.trace
    with appending_workload(database):
        workload = database.commit_workload(context.mod)
    record = ms.database.TuningRecord(
        trace if traces is None else traces.of(trace),
        workload,
        seconds or [FAILED],
        context.target,
        candidate.args_info,
    )
    with appending_record(database):
        database.commit_tuning_record(record)
