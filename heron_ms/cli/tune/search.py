"""The search of `heron-ms tune`, with its progress on the terminal and its log in files."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

from heron_ms._tvm import Target
from heron_ms.cli.process.interrupt import Interruptible, start_shielded
from heron_ms.cli.process.scratch import scratch
from heron_ms.cli.terminal.progress import SearchProgress
from heron_ms.cli.tune.heeding import Heeded, heeded
from heron_ms.cli.tune.logs import logged
from heron_ms.cli.tune.records import Records, program_of
from heron_ms.cli.tune.transfer import Transfer
from heron_ms.cli.tune.watch import TimedBuilder, TimedRunner, Watch
from heron_ms.measure.device import Device
from heron_ms.measure.devices import device_for
from heron_ms.measure.finalists import is_decided
from heron_ms.measure.records import best_record, seconds_of
from heron_ms.search import ConstrainedSearch
from heron_ms.strategies import strategy_of
from heron_ms.tune import tune_tir
from heron_ms.workloads import Workload


class Settings(Protocol):
    """What a search takes of a job."""

    @property
    def trials(self) -> int:
        """Candidates to measure, earlier ones counted."""

    @property
    def work_dir(self) -> Path:
        """Where measurements are kept."""

    @property
    def seed(self) -> int | None:
        """What makes it repeatable, if anything."""

    @property
    def preset(self) -> str:
        """The name of the search's hyper-parameters."""

    @property
    def strategy(self) -> str:
        """The name of the way to search."""

    @property
    def transfer(self) -> Transfer | None:
        """What other tasks taught, if it starts from that."""


@dataclass(frozen=True)
class Effort:
    """What a search cost and warned of.

    unmaterialised: candidates that did not become programs. interrupted: whether a signal ended it.
    Seconds to "prepare" are those that TVM's own intrinsics take to load, and what the first batch
    waits for the worker processes, which start meanwhile.
    """

    seconds: dict[str, float]
    unmaterialised: int
    interrupted: bool = False
    warnings: Heeded = field(default_factory=Heeded)


def search(workload: Workload, target: Target, job: Settings, before: Records) -> Effort:
    """Tune until the trials are spent or a signal ends it; what it took."""
    program = program_of(workload)
    if before.count >= job.trials and is_decided(job.work_dir, [program["main"]], target):
        return Effort(dict.fromkeys(("prepare", "search", "build", "run"), 0.0), 0)
    begun, device = perf_counter(), device_for(target)
    progress = SearchProgress(job.trials, before.count, before.seconds, workload.operations)
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
        runner = start_shielded(lambda: device.runner(target))
        model = None if job.transfer is None else job.transfer.start
        explorer = strategy_of(job.strategy).explorer(job.preset, model)
        with watch.phase("prepare", "preparing"):
            strategy = ConstrainedSearch(explorer, watch.candidate)
        store = tune_tir(
            program,
            target,
            str(job.work_dir),
            job.trials,
            builder=TimedBuilder(builder, watch),
            runner=TimedRunner(runner, watch),
            strategy=strategy,
            seed=job.seed,
            on_result=progress.result,
        )
        # The finalists were measured again, which may have taken the luck out of the best.
        best = best_record(store, program["main"], target)
        progress.settle(None if best is None else seconds_of(best.run_secs))
    seconds = watch.split(perf_counter() - begun)
    return Effort(seconds, watch.unmaterialised, interrupt.pressed, heard)


@contextmanager
def started_builder(device: Device) -> Iterator[Future[Any]]:
    """A builder that is being started; its workers end with the context."""
    starting = start_shielded(device.builder)
    try:
        yield starting
    finally:
        starting.add_done_callback(_close)


def _close(started: Future[Any]) -> None:
    if started.exception() is None:
        started.result().close()
