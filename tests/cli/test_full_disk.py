"""A full disk is one line on stderr and a status; what is on the screen and measured is kept."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from heron_ms.cli import main
from heron_ms.cli.tune.logs import logged

FULL = "/dev/full"


def test_a_report_that_cannot_be_written_is_still_on_the_screen(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    line = f"tune gemm 16 16 16 --cores 1 --seed 0 --trials 2 --json {FULL}"
    assert main([*line.split(), "--work-dir", str(tmp_path)]) == 2
    out, err = capfd.readouterr()
    assert "best latency" in out and "PASS\nCase [16, 16, 16], latency" in out
    last = err.splitlines()[-1]
    assert last == f"heron-ms: error: --json {FULL} cannot be written: No space left on device"
    assert len((tmp_path / "database_tuning_record.json").read_text().splitlines()) == 2


def test_logs_may_end_early(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "heron_ms.log").symlink_to(FULL)
    other = logging.getLogger("tvm.s_tir.meta_schedule.logging")
    with logged(tmp_path):
        other.addHandler(handler := logging.FileHandler(FULL))
        logging.getLogger("heron_ms").warning("of ours")
        other.warning("of MetaSchedule's")
    other.removeHandler(handler)
    assert capfd.readouterr().err == ""
    assert logging.raiseExceptions


def test_output_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Path(FULL).open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert main("explain gemm 16 16 16 --target cascadelake".split()) == 2
    err = capsys.readouterr().err
    assert err == "heron-ms: error: the output: No space left on device\n"


def test_an_error_that_cannot_be_told_is_still_the_status(monkeypatch: pytest.MonkeyPatch) -> None:
    with suppress(OSError), Path(FULL).open("w") as full:
        monkeypatch.setattr(sys, "stderr", full)
        assert main(["explain", "no-such-file.onnx"]) == 2
