"""The searches that are compared: heron_ms, stock MetaSchedule, and stock with its VNNI repaired.

On a CPU with tile registers heron_ms may search once more, as on a CPU that has vectors alone. All
get the same number of trials, the same quick builder and the same runner, which are heron_ms's.
Stock's rules, postprocessors, evolutionary search and learned cost model are its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from tvm import IRModule

import heron_ms
from heron_ms._preload import preload_intrinsics
from heron_ms.measure.cpu.builder import local_builder, local_runner
from scripts.bench.harness.targets import cpu_target
from scripts.bench.peers.figures import VECTORS
from scripts.bench.peers.noting import noting_builder, noting_runner
from scripts.bench.stock.repaired import repaired_stock_intrinsic

OURS, STOCK, REPAIRED = "heron_ms", "stock", "repaired"
OWN = (OURS, VECTORS)
"""Those of heron_ms."""

_NO_TILES = ("-amx-tile", "-amx-int8", "-amx-bf16", "-amx-fp16")
"""LLVM's names."""

ERRORS = "errors.txt"
"""In a work directory: the first line of each message of builder and runner."""


def tune(tuner: str, workload: Any, target: Any, work_dir: Path, trials: int, seed: int) -> None:
    """Searches until the database of the work directory holds so many trials."""
    preload_intrinsics()
    builder, runner = _noting(target, work_dir)
    stock: dict[str, Any] = {
        "space": "post-order-apply",
        "strategy": "evolutionary",
        "cost_model": "xgb",
        "normalize": False,
    }
    options = {} if tuner in OWN else stock
    with environment(tuner):
        heron_ms.tune_tir(
            workload.prim_func(),
            target,
            str(work_dir),
            trials,
            builder=builder,
            runner=runner,
            seed=seed,
            **options,
        )


def program(tuner: str, workload: Any) -> Any:
    """The function that a tuner's database holds: ours normalises it first."""
    func = workload.prim_func()
    return heron_ms.normalize(IRModule({"main": func}))["main"] if tuner in OWN else func


def target(tuner: str, cores: int) -> dict[str, Any]:
    """The running CPU as a TVM target; for vectors alone, one that has no tile registers."""
    whole = cpu_target(cores)
    return without_tiles(whole) if tuner == VECTORS else whole


def without_tiles(target: dict[str, Any]) -> dict[str, Any]:
    """A target without its tile registers."""
    return {**target, "mattr": list(_NO_TILES)}


def environment(tuner: str) -> AbstractContextManager[None]:
    """What a search needs around it, and whoever reads its database afterwards."""
    return repaired_stock_intrinsic() if tuner == REPAIRED else nullcontext()


def layouts(tuner: str, workload: Any) -> Iterator[Any]:
    """The workload as a tuner gets it: for stock with plain weights as well as with the case's.

    None for the repaired stock where its VNNI intrinsic does not fit: it is then stock as shipped.
    """
    if tuner == REPAIRED and workload.dtypes.name != "u8s8":
        return
    if tuner not in OWN and workload.weight != "kn":
        yield replace(workload, weight="kn")
    yield workload


def _noting(target: Any, work_dir: Path) -> tuple[Any, Any]:
    """Builder and runner that keep the first line of what went wrong."""
    work_dir.mkdir(parents=True, exist_ok=True)
    path = work_dir / ERRORS
    return noting_builder(local_builder(), path), noting_runner(local_runner(target), path)
