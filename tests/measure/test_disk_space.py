"""A disk without space is blamed itself, not the programs that could not be built on it."""

from __future__ import annotations

import shutil
from types import SimpleNamespace
from typing import Any

import pytest

from heron_ms._tvm import IRModule, Target, derived_object, ms
from heron_ms.errors import WorkerError
from heron_ms.measure.disk_space import blame_the_disk
from heron_ms.strategies import strategy_of
from heron_ms.testing import PlantedBuilder, PlantedRunner
from heron_ms.tune import tune_tir
from heron_ms.workloads import Gemm

FULL = "Tar error:\n\ngzip: stdout: No space left on device\ntar: Child returned status 1"


def test_a_program_that_is_at_fault_is_blamed() -> None:
    blame_the_disk("LLVM ERROR: Cannot select")


def test_a_message_of_a_full_disk() -> None:
    with pytest.raises(WorkerError, match="no space is left in .*TMPDIR"):
        blame_the_disk(FULL)


def test_a_worker_that_llvm_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=4096))
    with pytest.raises(WorkerError, match="no space is left"):
        blame_the_disk("Subprocess terminated")


class _Full(ms.builder.PyBuilder):  # type: ignore[misc]
    def build(self, build_inputs: list[Any]) -> list[Any]:
        return [ms.builder.BuilderResult(None, FULL) for _ in build_inputs]


class _FullRunner(ms.runner.PyRunner):  # type: ignore[misc]
    def run(self, runner_inputs: list[Any]) -> list[Any]:
        from heron_ms.measure.future import Done

        return [Done(ms.runner.RunnerResult(None, FULL)) for _ in runner_inputs]


@pytest.mark.parametrize("where", ["builder", "runner"])
def test_it_is_no_failure_of_the_candidates(tmp_path: Any, dlboost: Target, where: str) -> None:
    tools = {"builder": PlantedBuilder(lambda _: 1e-3), "runner": PlantedRunner()}
    tools[where] = derived_object({"builder": _Full, "runner": _FullRunner}[where])()
    with pytest.raises(WorkerError, match="no space is left"):
        tune_tir(
            IRModule({"main": Gemm(16, 32, 16).prim_func()}),
            dlboost,
            str(tmp_path),
            4,
            strategy=strategy_of("random")(),
            **tools,
        )
    assert (tmp_path / "database_tuning_record.json").read_bytes() == b""
