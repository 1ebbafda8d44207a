"""The search of `heron-ms tune-model`, with its progress on the terminal and its log in files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from heron_ms.cli.model.job import Job
from heron_ms.cli.model.progress import ModelProgress
from heron_ms.cli.model.records import TaskRecords
from heron_ms.cli.model.telling import TellingSearch, TellingSpace
from heron_ms.cli.process.interrupt import Interruptible, start_shielded
from heron_ms.cli.process.scratch import scratch
from heron_ms.cli.tune.heeding import Heeded, heeded
from heron_ms.cli.tune.logs import logged
from heron_ms.cli.tune.search import started_builder
from heron_ms.cli.tune.watch import TimedBuilder, TimedRunner, Watch
from heron_ms.measure.devices import device_for
from heron_ms.models.tuning import tune_relax
from heron_ms.strategies import strategy_of


@dataclass(frozen=True)
class Effort:
    """What a search cost in seconds and warned of, and whether a signal ended it."""

    seconds: dict[str, float]
    warnings: Heeded
    interrupted: bool


def search(job: Job, before: Sequence[TaskRecords]) -> Effort:
    """Tune until the trials are spent or a signal ends it; what it took."""
    begun, device = perf_counter(), device_for(job.target)
    progress = ModelProgress(job.trials, before)
    interrupt = Interruptible()
    watch = Watch(progress.phase, interrupt.check)
    logs = logged(job.work_dir)
    with (
        interrupt,
        logs,
        heeded() as heard,
        scratch(),
        started_builder(device) as builder,
        progress,
    ):
        runner = start_shielded(lambda: device.runner(job.target))
        tune_relax(
            job.model.fused,
            {},
            job.target,
            str(job.work_dir),
            job.trials,
            builder=TimedBuilder(builder, watch),
            runner=TimedRunner(runner, watch),
            space=TellingSpace(_checking(watch, progress.sketching)),
            strategy=_strategy(job, watch, progress),
            seed=job.seed,
            on_result=progress.result,
        )
    return Effort(watch.split(perf_counter() - begun), heard, interrupt.pressed)


def _strategy(job: Job, watch: Watch, progress: ModelProgress) -> Any:
    with watch.phase("prepare", "preparing"):
        explorer = strategy_of(job.strategy).explorer(job.preset)
        return TellingSearch(explorer, progress.task, watch.candidate, False)


def _checking(watch: Watch, tell: Any) -> Any:
    """Tell, after a look whether to stop."""

    def told(name: str) -> None:
        watch.check()
        tell(name)

    return told
