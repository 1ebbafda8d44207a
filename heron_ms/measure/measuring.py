"""How a run measures: MetaSchedule's arguments for it, with heron_ms's defaults in their place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from heron_ms._tvm import Target, ms
from heron_ms.measure.device import Device
from heron_ms.measure.devices import device_for
from heron_ms.measure.recording import CommitUnbuilt, RecordingRunner
from heron_ms.measure.telling import TellingBuilder

OnResult = Callable[[float | None], None]
"""Called with the seconds of each measurement as it is made; None for a failure.

Measurements are reported by the recording runner, so not where a caller's own
``measure_callbacks`` replace it.
"""


@dataclass(frozen=True)
class Tools:
    """The builder and the runner of a run, ours where none is given (None).

    They are made when they are first needed, because ours starts processes; as a context, they end
    with it. ``in_model`` is what the device is asked for a runner with. Raises `TargetError` where
    our runner would run what cannot run here.
    """

    target: Target
    given_builder: Any
    given_runner: Any
    in_model: bool = False
    given_device: Device | None = None

    def __post_init__(self) -> None:
        if self.given_runner is None:
            self.device.require(self.target)

    def __enter__(self) -> Tools:
        return self

    def __exit__(self, *_: object) -> None:
        if self.given_builder is None and "builder" in vars(self):
            self.builder.close()

    @property
    def device(self) -> Device:
        """Where programs run; by default on this machine."""
        return device_for(self.target) if self.given_device is None else self.given_device

    @cached_property
    def builder(self) -> Any:
        """A MetaSchedule builder."""
        given = self.given_builder
        return self.device.builder() if given is None else _create(ms.builder.Builder, given)

    @cached_property
    def runner(self) -> Any:
        """A MetaSchedule runner, which records nothing."""
        given = self.given_runner
        if given is None:
            return self.device.runner(self.target, self.in_model)
        return _create(ms.runner.Runner, given)


def measuring(
    store: Any,
    tools: Tools,
    task_scheduler: Any,
    measure_callbacks: Any,
    on_result: OnResult | None,
) -> dict[str, Any]:
    """How candidates are built, run and recorded; own callbacks replace our recording."""
    scheduler = _create(ms.task_scheduler.TaskScheduler, task_scheduler)
    runner = tools.runner
    if measure_callbacks is None:
        runner = RecordingRunner(runner, scheduler, store, on_result)
        measure_callbacks = [CommitUnbuilt(on_result), ms.measure_callback.RemoveBuildArtifact()]
    return {
        "builder": TellingBuilder(tools.builder),
        "runner": runner,
        "database": store,
        "task_scheduler": scheduler,
        "measure_callbacks": measure_callbacks,
    }


def _create(kind: Any, given: Any) -> Any:
    return given if isinstance(given, kind) else kind.create(given)
