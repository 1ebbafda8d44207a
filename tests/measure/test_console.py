"""A search prints nothing; what MetaSchedule logs is in the work directory."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

import heron_ms
from heron_ms._tvm import Target
from heron_ms.hardware import host
from heron_ms.measure.console import METASCHEDULE
from heron_ms.testing.fakes import PlantedBuilder, PlantedRunner
from heron_ms.workloads import Gemm


def test_only_files_get_the_log_of_meta_schedule(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    level = logging.getLogger(METASCHEDULE).level
    # Twice, because MetaSchedule leaves its handlers behind.
    for run in ("first", "second"):
        heron_ms.tune_tir(
            Gemm(16, 16, 16).prim_func(),
            Target(host().target(1)),
            str(tmp_path / run),
            2,
            builder=PlantedBuilder(lambda _: 1e-3),
            runner=PlantedRunner(),
            seed=0,
        )
        assert capfd.readouterr().out == ""
        (log,) = (tmp_path / run / "logs").glob("*task_scheduler.log")
        assert "Total trials: 2" in log.read_text()
    assert logging.getLogger(METASCHEDULE).level == level
