"""Two small products of matrices, tuned with planted times, and runs that are killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from heron_ms._tvm import IRModule, Target, derived_object, ms, structural_hash
from heron_ms.hardware import host
from heron_ms.normalization import normalize
from heron_ms.strategies import strategy_of
from heron_ms.testing.fakes import PlantedBuilder, PlantedRunner
from heron_ms.tune import tune_tir
from heron_ms.work_dir import open_database
from heron_ms.workloads import Gemm

CASES = (Gemm(16, 32, 16), Gemm(32, 32, 32, weight="packed"))


def tune(folder: Path, trials: int, pause: float = 0.0) -> None:
    """Tune each case with so many trials, of which every one takes some seconds."""

    class Slow(ms.runner.PyRunner):  # type: ignore[misc]
        def run(self, runner_inputs: list[Any]) -> list[Any]:
            time.sleep(pause)
            return list(PlantedRunner().run(runner_inputs))

    for case in CASES:
        tune_tir(
            case.prim_func(),
            target(),
            str(folder),
            trials,
            builder=PlantedBuilder(lambda mod: 1e-4 * (1 + structural_hash(mod) % 997)),
            runner=derived_object(Slow)(),
            # A learned model would compute in threads, which a forked process does not have.
            strategy=strategy_of("random")(),
            num_tuning_cores=1,
            seed=1,
        )


def opened(folder: Path) -> Any:
    """The database of a folder, opened for the two cases."""
    return open_database(str(folder), programs=programs())


def killed(work: Callable[[], object], seconds: float) -> None:
    """Do some work in a process that is killed after so long."""
    child = os.fork()
    if child == 0:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(1, 2)
            work()
        finally:
            os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def programs() -> list[Any]:
    """The cases as they are tuned."""
    return [normalize(IRModule({"main": case.prim_func()}))["main"] for case in CASES]


def target() -> Target:
    """This CPU, one core of it."""
    return Target(host().target(1))
