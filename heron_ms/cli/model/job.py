"""The model to tune, all of it checked, and how."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from heron_ms._tvm import Target
from heron_ms.budget.budget import UNBOUNDED, Budget
from heron_ms.cli.arguments import inputs
from heron_ms.cli.arguments.servers import servers_of
from heron_ms.cli.model.loading import imported_for, tasks_found
from heron_ms.cli.model.settings import Settings, settings_of
from heron_ms.cli.process.memory import require_memory
from heron_ms.hardware import Machine
from heron_ms.measure.device import Device
from heron_ms.measure.devices import device_of
from heron_ms.measure.servers.device import Servers
from heron_ms.models.model import Model
from heron_ms.models.narrowed import allowed
from heron_ms.models.sharing import Share
from heron_ms.models.tasks import Task
from heron_ms.strategies import strategy_of

DEFAULT = 256
"""Trials where nothing else ends a run."""


@dataclass(frozen=True)
class Job:
    """A model with its tasks, the machine to tune it for, the effort, where measurements go."""

    source: Path
    model: Model
    tasks: list[Task]
    machine: Machine
    settings: Settings
    trials: int
    work_dir: Path
    seed: int | None
    preset: str
    strategy: str
    servers: Servers | None = None
    share: Share | None = None
    budget: float | None = None
    events: bool = True

    def bounds(self, begun: float) -> Budget:
        """What ends it that began then, beside its trials."""
        return Budget(self.budget, begun=begun, after=("compile", "check"))

    @property
    def device(self) -> Device:
        """What measures on the machine."""
        return device_of(self.machine) if self.servers is None else self.servers

    @property
    def target(self) -> Target:
        """The machine as TVM takes it."""
        return Target(self.machine.target())

    @property
    def tuned(self) -> list[Task]:
        """The tasks that are the machine's: where it offloads, those that map to it."""
        return [task for task in self.tasks if task.mapping or not self.device.offloads]

    def record(self) -> dict[str, Any]:
        """What a result depends on."""
        return {
            "model": str(self.source),
            "shapes": {given.name: list(given.shape) for given in self.model.inputs},
            **self.machine.facts,
            "allow": list(allowed(self.model.mod)),
            "trials": None if self.trials == UNBOUNDED else self.trials,
            "budget": self.budget,
            "seed": self.seed,
            "preset": self.preset,
            "strategy": self.strategy,
            "work_dir": str(self.work_dir),
            "share": None if self.share is None else str(self.share),
        }


def job_of(args: argparse.Namespace) -> Job:
    """The job that the arguments ask for. Raises what `load` raises, and for bad arguments."""
    source, budget = Path(args.model), args.budget
    work_dir = inputs.accessible(Path(args.work_dir or Path("build", "models", source.stem)))
    settings, servers = settings_of(args), servers_of(args)
    machine = settings.machine() if servers is None else servers.machine
    if servers is not None:
        settings = replace(settings, target=machine.name, cores=machine.cores)
    strategy = strategy_of(args.strategy)
    model = imported_for(machine, source, settings.shapes, settings.allow)
    tasks = tasks_found(model, machine)
    require_memory(model.source, max((task.bytes for task in tasks), default=0))
    share = args.share
    trials = args.trials if args.trials is not None else DEFAULT if budget is None else UNBOUNDED
    if share is not None:
        tasks = share.of(tasks, lambda task: task.func)
        trials = trials if trials == UNBOUNDED else share.trials(trials)
    how = (trials, work_dir, args.seed, args.preset, strategy.name, servers, share, budget)
    return Job(source, model, tasks, machine, settings, *how, not args.no_events)
