"""The search of `heron-ms tune-model`, with its progress on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from heron_ms.budget.budget import Budget
from heron_ms.cli.model.job import Job
from heron_ms.cli.model.progress import ModelProgress
from heron_ms.cli.model.records import TaskRecords
from heron_ms.cli.tune.effort import Effort, watched
from heron_ms.cli.tune.watch import Watch
from heron_ms.measure.finalists import is_decided
from heron_ms.measure.roof import tell_roof
from heron_ms.models.tuning import tune_relax
from heron_ms.search import ConstrainedSearch
from heron_ms.strategies import strategy_of


def search(job: Job, before: Sequence[TaskRecords], bounds: Budget) -> Effort:
    """Tune until the trials or the budget are spent or a signal ends it; what it took."""
    if _is_done(job, before):
        return Effort()
    progress = ModelProgress(job.trials, before)

    def tune(watch: Watch, builder: Any, runner: Any) -> Any:
        with watch.phase("prepare", "measuring the peak"):
            tell_roof(job.target, job.device)
        strategy = _strategy(job, watch)
        progress.phase("fusing the operators")
        return tune_relax(
            job.model.fused,
            {},
            job.target,
            str(job.work_dir),
            job.trials,
            builder=builder,
            runner=runner,
            device=job.device,
            strategy=strategy,
            seed=job.seed,
            budget=bounds,
            share=job.share,
        )

    return watched(tune, job.target, job.work_dir, progress, device=job.device, in_model=True)


def _is_done(job: Job, before: Sequence[TaskRecords]) -> bool:
    """Whether nothing is left to measure: what takes seconds to find out else."""
    if not job.trials or not job.tuned:
        return True
    spent = sum(one.count for one in before) >= job.trials
    return spent and is_decided(job.work_dir, [task.func for task in job.tuned], job.target)


def _strategy(job: Job, watch: Watch) -> Any:
    with watch.phase("prepare", "preparing"):
        explorer = strategy_of(job.strategy).explorer(job.preset)
        return ConstrainedSearch(explorer, watch.candidate)
