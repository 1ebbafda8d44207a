"""What stock MetaSchedule finds for a case by itself, and its best program.

Rules for TensorCores, search, cost model, builder and runner are its own, with their own settings.
What is not: nvcc compiles, as it does for heron_ms; workers load the CUDA runtime before they
begin; and the builder has as many as this process may use processors, and patience, since one that
times out says nothing of stock's programs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from math import isfinite
from pathlib import Path
from shutil import rmtree
from typing import Any

from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import ms, tvm_compile
from heron_ms.hardware import allowed_cpus, machine
from heron_ms.hardware.description import only
from heron_ms.hardware.tensorcore import TensorCore
from heron_ms.measure.records import seconds_of
from heron_ms.measure.tensorcore import runtime
from heron_ms.measure.tensorcore.running import starting
from heron_ms.measure.tensorcore.toolchain import nvcc
from heron_ms.workloads import Workload
from scripts.bench.harness.journal import Record
from scripts.bench.peers.noting import commonest, noting_builder, noting_runner
from scripts.bench.peers.steps import Step, run
from scripts.bench.replay.stock import stock_search
from scripts.bench.tensorcore.stock_target import stock_target

LONGEST = 1800.0
"""Seconds after which a search is stopped: none that goes on takes as long."""
_PATIENCE = 120.0
"""Seconds for a program to be built, of which a worker's first one has the start of TVM in it."""
_NOT_COMPILED, _NOT_RUN = "not-compiled.txt", "not-run.txt"
"""In the folder of a search: the first line of every failure."""


def searched(workload: Workload, gpu: str, trials: int, folder: Path) -> Record:
    """Search in a process of its own, from the beginning; the database is left in the folder.

    ``why`` says why it has no program: none compiles, none runs, or the search itself failed; it is
    empty where there is one.
    """
    rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    request = {"workload": workload, "GPU": gpu, "trials": trials, "folder": str(folder)}
    ended = run(Step(search, request, LONGEST, folder / "log.txt"))
    return {"why": ended["problem"]} if "problem" in ended else ended


def search(request: Record) -> Record:
    """See `searched`; how many candidates there were, and how many of them compiled and ran."""
    preload_intrinsics()
    compile_with_nvcc()
    folder = Path(request["folder"])
    builder, runner = _noting(folder)
    database = ms.tune_tir(
        request["workload"].prim_func(),
        stock_target(_gpu(request["GPU"])),
        str(folder),
        request["trials"],
        builder=builder,
        runner=runner,
        seed=0,
        **stock_search(0),
    )
    return _told(database.get_all_tuning_records(), folder)


def best(workload: Workload, gpu: str, folder: Path) -> Any:
    """The function that was fastest by the database of a search, compiled for tensors on the GPU.

    There is to be one that ran. Raises `ToolChainError` where nothing runs here.
    """
    runtime.require(gpu)
    preload_intrinsics()
    compile_with_nvcc()
    # As MetaSchedule opens it: ours takes no line whose annotations it does not know of, as stock's
    # for TensorCores are.
    database = ms.database.JSONDatabase(work_dir=str(folder))
    target = stock_target(_gpu(gpu))
    sch = ms.tir_integration.compile_tir(database, workload.prim_func(), target)
    return tvm_compile(sch.mod, target=target)["main"]


def compile_with_nvcc() -> None:
    """Has TVM compile CUDA C++ by the compiler that heron_ms uses, here and in workers.

    What it uses by itself, NVRTC, needs another package (cuda-bindings), without which nothing of
    stock's compiles.
    """
    os.environ["TVM_CUDA_COMPILE_MODE"] = "nvcc"
    folder, folders = str(nvcc().parent), os.environ.get("PATH", "").split(os.pathsep)
    os.environ["PATH"] = os.pathsep.join([folder, *(known for known in folders if known != folder)])


def _gpu(name: str) -> TensorCore:
    return only(TensorCore, machine(name), "GPU")


def _noting(folder: Path) -> tuple[Any, Any]:
    """MetaSchedule's builder and runner, whose failures are noted."""
    builder = ms.builder.LocalBuilder(
        max_workers=len(allowed_cpus()), timeout_sec=_PATIENCE, initializer=_starting_to_build()
    )
    runner = ms.runner.LocalRunner(initializer=starting())
    return (
        noting_builder(builder, folder / _NOT_COMPILED),
        noting_runner(runner, folder / _NOT_RUN),
    )


def _starting_to_build() -> Callable[[], None]:
    """What a worker of the builder does first, which imports stock's intrinsics for any program."""
    begin = starting()

    # A local function travels to the worker by value.
    def start() -> None:
        from heron_ms._preload import preload_intrinsics

        begin()
        preload_intrinsics()

    return start


def _told(records: Sequence[Any], folder: Path) -> Record:
    count = len(records)
    failures = folder / _NOT_COMPILED
    failed = len(failures.read_text().splitlines()) if failures.is_file() else 0
    ran = sum(isfinite(seconds_of(record.run_secs)) for record in records)
    compiled = count - failed
    why = ""
    if not count:
        why = "it proposes no candidate"
    elif not compiled:
        why = f"none of {count} candidates compiles: {commonest(failures)}"
    elif not ran:
        why = f"none of {compiled} candidates that compile runs: {commonest(folder / _NOT_RUN)}"
    return {"candidates": count, "compiled": compiled, "ran": ran, "why": why}
