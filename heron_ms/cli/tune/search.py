"""The search of `heron-ms tune`, with its progress on the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from heron_ms._tvm import Target
from heron_ms.budget.budget import Budget
from heron_ms.cli.terminal.progress import SearchProgress
from heron_ms.cli.tune.effort import Effort, watched
from heron_ms.cli.tune.records import Records, program_of
from heron_ms.cli.tune.transfer import Transfer
from heron_ms.cli.tune.watch import Watch
from heron_ms.hardware import for_target
from heron_ms.measure.device import Device
from heron_ms.measure.finalists import is_decided
from heron_ms.measure.roof import tell_roof
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
    def device(self) -> Device:
        """What measures."""

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


def search(
    workload: Workload,
    target: Target,
    job: Settings,
    before: Records,
    bounds: Budget | None = None,
) -> Effort:
    """Tune until the trials or the budget are spent or a signal ends it; what it took."""
    program = program_of(workload, for_target(target))
    if before.count >= job.trials and is_decided(job.work_dir, [program["main"]], target):
        return Effort()
    progress = SearchProgress(job.trials, before.count, before.seconds, workload.operations)

    def tune(watch: Watch, builder: Any, runner: Any) -> Any:
        with watch.phase("prepare", "measuring the peak"):
            tell_roof(target, job.device)
        return tune_tir(
            program,
            target,
            str(job.work_dir),
            job.trials,
            builder=builder,
            runner=runner,
            device=job.device,
            strategy=_strategy(job, watch),
            seed=job.seed,
            budget=bounds,
        )

    return watched(tune, target, job.work_dir, progress, device=job.device)


def _strategy(job: Settings, watch: Watch) -> Any:
    model = None if job.transfer is None else job.transfer.start
    explorer = strategy_of(job.strategy).explorer(job.preset, model)
    with watch.phase("prepare", "preparing"):
        return ConstrainedSearch(explorer, watch.candidate)
