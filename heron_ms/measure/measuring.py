"""How a run measures: MetaSchedule's arguments for it, with heron_ms's defaults in their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from heron_ms._tvm import Target, ms
from heron_ms.measure.builder import local_builder, local_runner
from heron_ms.measure.recording import CommitUnbuilt, RecordingRunner

OnResult = Callable[[float | None], None]
"""Called with the seconds of each measurement as it is made; None for a failure.

Measurements are reported by the recording runner, so not where a caller's own
``measure_callbacks`` replace it.
"""


def measuring(
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
