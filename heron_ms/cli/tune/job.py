"""What is to be tuned, all of it checked."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from heron_ms._tvm import Target
from heron_ms.budget.budget import UNBOUNDED, Budget
from heron_ms.cli.arguments import inputs
from heron_ms.cli.arguments.servers import servers_of
from heron_ms.cli.tune.transfer import Transfer, transfer_from
from heron_ms.errors import UsageError
from heron_ms.hardware import Machine
from heron_ms.measure.device import Device
from heron_ms.measure.devices import device_of
from heron_ms.measure.servers.device import Servers
from heron_ms.strategies import strategy_of
from heron_ms.workloads import Workload

DEFAULT = 32
"""Trials where nothing else ends a run."""


@dataclass(frozen=True)
class Job:
    """A workload, the machine to tune it for, the effort, and where measurements are kept."""

    workload: Workload
    machine: Machine
    trials: int
    work_dir: Path
    seed: int | None
    preset: str
    strategy: str = "cga"
    transfer: Transfer | None = None
    servers: Servers | None = None
    budget: float | None = None
    until: float | None = None
    events: bool = True
    emit: Path | None = None

    def bounds(self, begun: float) -> Budget:
        """What ends it that began then, beside its trials."""
        operations = self.workload.operations
        return Budget(self.budget, self.until, begun, operations, after=("check",))

    @property
    def target(self) -> Target:
        """The machine as TVM takes it."""
        return Target(self.machine.target())

    @property
    def device(self) -> Device:
        """What measures on the machine."""
        return device_of(self.machine) if self.servers is None else self.servers

    @property
    def settings(self) -> dict[str, str | float | None]:
        """What a result depends on, for its record."""
        return {
            "workload": self.workload.name,
            "operator": self.workload.operator,
            "layout": self.workload.layout,
            "weight": self.workload.weight,
            "dtype": self.workload.dtypes.name,
            **self.machine.facts,
            "trials": None if self.trials == UNBOUNDED else self.trials,
            "budget": self.budget,
            "until": self.until,
            "seed": self.seed,
            "preset": self.preset,
            "strategy": self.strategy,
            "transfer": None if self.transfer is None else str(self.transfer.source),
            "work_dir": str(self.work_dir),
            "tracker": None if self.servers is None else str(self.servers.tracker),
        }


def job_of(args: argparse.Namespace, workload: Workload, work_dir: Path) -> Job:
    """The job of a workload.

    Raises `TargetError`, `WorkDirError`, `UsageError`, `TransferError` and `TrackerError`.
    """
    servers = servers_of(args)
    machine = servers.machine if servers else inputs.runnable(args.target, args.cores)
    strategy, folder = _strategy(args), inputs.accessible(work_dir)
    transfer = None if args.transfer is None else transfer_from(args.transfer)
    preset = args.preset or ("default" if transfer is None else "transferred")
    trials = args.trials or (DEFAULT if args.budget is args.until is None else UNBOUNDED)
    how = (trials, folder, args.seed, preset, strategy, transfer, servers)
    bounds = (args.budget, args.until or None)
    emit = None if args.emit is None else inputs.writable_file("--emit", args.emit)
    job = Job(workload, machine, *how, *bounds, not args.no_events, emit)
    if emit is not None and job.device.writer() is None:
        raise UsageError(f"--emit: {machine.name} has no encoding of its own: leave it out")
    return job


def _strategy(args: argparse.Namespace) -> str:
    strategy = strategy_of(args.strategy)
    given = {"--preset": args.preset is not None, "--transfer": args.transfer is not None}
    for option in (name for name, asked in given.items() if asked and not strategy.graded):
        raise UsageError(f"{option} means nothing to --strategy {strategy.name}: leave it out")
    return strategy.name
