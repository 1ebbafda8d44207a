"""Tuning goes by the normalised program, and what looks records up finds them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import heron_ms
from heron_ms._tvm import IRModule, Target
from heron_ms.cli.tune import records
from heron_ms.cli.tune.check import check
from heron_ms.compiling import compile_tir
from heron_ms.measure.devices import device_for
from heron_ms.search import ConstrainedGeneticSearch, Preset
from heron_ms.testing import PlantedBuilder, PlantedRunner
from heron_ms.workloads import OPERATORS
from tests.normalization.padded_convolutions import reductions

SMALL = Preset(batch=4, population=32, generations=1, parents=8, elites=4)
WORKLOAD = OPERATORS["c3d"].of((1, 2, 6, 6, 16, 16, 3, 3, 3, 1, 1, 1), weight="packed")


def _tune(target: Target, work_dir: Path, trials: int, **options: Any) -> Any:
    strategy = ConstrainedGeneticSearch(SMALL)
    given = {"strategy": strategy, "num_tuning_cores": 1, "seed": 1, **options}
    return heron_ms.tune_tir(WORKLOAD.prim_func(), target, str(work_dir), trials, **given)


def _planted() -> dict[str, Any]:
    return {"builder": PlantedBuilder(lambda mod: 1e-3), "runner": PlantedRunner()}


def _blocks(database: Any) -> list[list[str]]:
    return [reductions(record.workload.mod) for record in database.get_all_tuning_records()]


def test_the_database_holds_the_normalised_program(dlboost: Target, tmp_path: Path) -> None:
    database = _tune(dlboost, tmp_path, 4, **_planted())
    assert _blocks(database) == [["C_0", "C_1"]] * 4
    assert records.read(database, WORKLOAD, dlboost).count == 4
    mod = IRModule({"main": WORKLOAD.prim_func()})
    assert heron_ms.best_record(database, mod["main"], dlboost) is None
    assert heron_ms.best_record(database, heron_ms.normalize(mod)["main"], dlboost) is not None


def test_a_second_call_goes_on(dlboost: Target, tmp_path: Path) -> None:
    _tune(dlboost, tmp_path, 4, **_planted())
    assert len(_blocks(_tune(dlboost, tmp_path, 6, **_planted()))) == 6


def test_without_normalising(dlboost: Target, tmp_path: Path) -> None:
    database = _tune(dlboost, tmp_path, 2, normalize=False, **_planted())
    assert _blocks(database) == [["C"]] * 2
    assert records.read(database, WORKLOAD, dlboost).count == 0


@pytest.mark.vnni
def test_the_tuned_kernel_is_right(here: Target, tmp_path: Path) -> None:
    database = _tune(here, tmp_path, 3)
    read = records.read(database, WORKLOAD, here)
    assert (read.count, read.failed) == (3, 0)
    kernel = compile_tir(database, WORKLOAD.prim_func(), here)
    assert check(kernel, WORKLOAD, device_for(here)).wrong == 0


def test_explain_shows_the_runs(capsys: pytest.CaptureFixture[str]) -> None:
    from heron_ms.cli import main

    sizes = "1 2 6 6 16 16 3 3 3 1 1 1".split()
    assert main(["explain", "c3d", *sizes, "--target", "cascadelake"]) == 0
    out = capsys.readouterr().out
    assert "C_0" in out and "C_1" in out and "C_joined" in out
