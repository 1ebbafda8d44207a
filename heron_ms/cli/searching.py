"""The search of `heron-ms tune`, with its progress on the terminal and its log in files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Protocol

from heron_ms._tvm import Target
from heron_ms.cli.interrupt import Interruptible, start_shielded
from heron_ms.cli.logs import logged
from heron_ms.cli.progress import SearchProgress
from heron_ms.cli.records import Records, program_of
from heron_ms.cli.scratch import scratch
from heron_ms.cli.transfer import Transfer
from heron_ms.cli.watch import TimedBuilder, TimedRunner, Watch
from heron_ms.measure.builder import local_builder, local_runner
from heron_ms.measure.finalists import is_decided
from heron_ms.search import ConstrainedSearch
from heron_ms.strategies import strategy_of
from heron_ms.tune import tune_tir
from heron_ms.workloads import Workload


class Settings(Protocol):
    """What a search takes of a job."""

    @property
    def trials(self) -> int: ...
    @property
    def work_dir(self) -> Path: ...
    @property
    def seed(self) -> int | None: ...
    @property
    def preset(self) -> str: ...
    @property
    def strategy(self) -> str: ...
    @property
    def transfer(self) -> Transfer | None: ...


@dataclass(frozen=True)
class Effort:
    """What a search cost, how many candidates did not even materialise, and if Ctrl-C ended it.

    Seconds to "prepare" are those that TVM's own intrinsics take to load, and what the first batch
    waits for the worker processes, which start meanwhile.
    """

    seconds: dict[str, float]
    unmaterialised: int
    interrupted: bool = False


def search(workload: Workload, target: Target, job: Settings, before: Records) -> Effort:
    """Tune until the trials are spent or Ctrl-C ends it; what it took."""
    if before.count >= job.trials and _is_decided(workload, target, job):
        return Effort(dict.fromkeys(("prepare", "search", "build", "run"), 0.0), 0)
    begun = perf_counter()
    progress = SearchProgress(job.trials, before.count, before.seconds, workload.operations)
    interrupt = Interruptible()
    watch = Watch(progress.phase, interrupt.check)
    with interrupt, logged(job.work_dir), scratch(), progress:
        builder = start_shielded(local_builder)
        runner = start_shielded(lambda: local_runner(target))
        model = None if job.transfer is None else job.transfer.start
        explorer = strategy_of(job.strategy).explorer(job.preset, model)
        with watch.phase("prepare", "preparing"):
            strategy = ConstrainedSearch(explorer, watch.candidate)
        tune_tir(
            workload.prim_func(),
            target,
            str(job.work_dir),
            job.trials,
            builder=TimedBuilder(builder, watch),
            runner=TimedRunner(runner, watch),
            strategy=strategy,
            seed=job.seed,
            on_result=progress.result,
        )
    seconds = watch.split(perf_counter() - begun)
    return Effort(seconds, watch.unmaterialised, interrupt.pressed)


def _is_decided(workload: Workload, target: Target, job: Settings) -> bool:
    """Whether the finalists were measured again; not so if that was interrupted."""
    return is_decided(job.work_dir, [program_of(workload)["main"]], target)
