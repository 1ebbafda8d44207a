"""Trials over tasks: turns are small where the budget is, and what has no record comes first."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tvm import relax

import heron_ms
from heron_ms._tvm import IRModule, Target
from heron_ms.hardware import host
from heron_ms.measure.spread import trials_per_turn
from heron_ms.testing.fakes import PlantedBuilder, PlantedRunner
from heron_ms.workloads import Gemm

HERE = Target(host().target(1))


@pytest.mark.parametrize(
    ("asked", "trials", "tasks", "turn"),
    [(64, 16, 1, 64), (64, 16, 5, 2), (64, 3, 5, 1), (64, 1000, 5, 64), (2, 1000, 5, 2)],
)
def test_half_of_a_small_budget_goes_round(asked: int, trials: int, tasks: int, turn: int) -> None:
    assert trials_per_turn(asked, trials, tasks) == turn


def test_every_function_gets_some_of_a_small_budget(tmp_path: Path) -> None:
    sizes = (16, 32, 48)
    mod = IRModule(
        {f"of_{n}": Gemm(n, n, n).prim_func().with_attr("global_symbol", f"of_{n}") for n in sizes}
    )
    counts = _counts(heron_ms.tune_tir(mod, HERE, str(tmp_path), 7, seed=0, **_planted()))
    assert len(counts) == len(sizes) and sum(counts.values()) == 7


def test_a_resumed_run_begins_with_what_has_no_record(tmp_path: Path) -> None:
    mod = _layers(16, 32, 48, 64, 80)
    for trials, tuned in ((2, 2), (4, 4)):
        database = heron_ms.tune_relax(
            mod, {}, HERE, str(tmp_path), trials, num_trials_per_iter=1, seed=0, **_planted()
        )
        assert _counts(database) == dict.fromkeys(_counts(database), 1)
        assert len(_counts(database)) == tuned


def _planted() -> dict[str, Any]:
    builder = PlantedBuilder(lambda module: 1e-3 + len(str(module)) * 1e-9)
    return {"builder": builder, "runner": PlantedRunner()}


def _counts(database: Any) -> Counter[str]:
    """The number of records of each task."""
    return Counter(str(record.workload.mod) for record in database.get_all_tuning_records())


def _layers(*sizes: int) -> IRModule:
    """Matrix products in a row."""
    builder = relax.BlockBuilder()
    tensor = getattr(relax, "TensorType", None) or relax.TensorStructInfo
    x = relax.Var("x", tensor((8, sizes[0]), "float32"))
    with builder.function("main", [x]):
        with builder.dataflow():
            y = x
            for inputs, outputs in pairwise(sizes):
                weight = relax.const(np.ones((inputs, outputs), "float32"))
                y = builder.emit(relax.op.matmul(y, weight))
            out = builder.emit_output(y)
        builder.emit_func_output(out)
    return builder.get()
