"""`heron-ms tune` end to end, two trials: checked result, resume, and an interruption."""

from __future__ import annotations

import json
import logging
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from heron_ms.cli import main
from heron_ms.cli.tune import last_word
from heron_ms.cli.tune.check import Verdict
from heron_ms.hardware import host

pytestmark = pytest.mark.skipif(
    not host().has("avx512vnni"), reason="this CPU has no AVX512-VNNI to tune for"
)

LAST = re.compile(r"Case \[16, 16, 16\], latency \d+\.\d{6} ms\.")


@pytest.fixture(scope="module")
def work_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tune")


def _tune(work_dir: Path, trials: int, *more: str) -> int:
    sizes = ["tune", "gemm", "16", "16", "16", "--cores", "1", "--seed", "0"]
    return main([*sizes, "--trials", str(trials), "--work-dir", str(work_dir), *more])


def test_tunes_checks_and_reports(work_dir: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = work_dir / "result.json"
    assert _tune(work_dir, 2, "--json", str(file)) == 0
    out, err = capfd.readouterr()
    *_, verdict, last = out.splitlines()
    assert verdict == "PASS" and LAST.fullmatch(last)
    assert "candidates tried" in out and "2/2" in err
    assert "[INFO]" not in out + err
    record = json.loads(file.read_text())
    assert (record["tried"], record["invalid"], record["pass"]) == (2, 0, True)
    assert record["seconds"]["build"] > 0 and record["seconds"]["run"] > 0
    assert record["latency_ms"] > 0 and 0 < record["peak_share"] < 1.2
    assert f"best {record['search_latency_ms']:.6f} ms" in err
    assert record["disturbed"] == ("machine was disturbed" in out)
    assert len(record["peaks_gops"]) == 2 and max(record["peaks_gops"]) == record["peak_gops"]
    assert record["limited_by"] in ("registers", "L1") and "limited by (model)" in out


def test_goes_on_where_it_stopped(work_dir: Path, capfd: pytest.CaptureFixture[str]) -> None:
    records = work_dir / "database_tuning_record.json"
    before = records.read_text()
    assert _tune(work_dir, 2) == 0
    assert "2 (2 of them earlier)" in capfd.readouterr().out
    assert records.read_text() == before


def test_a_wrong_kernel_fails(
    work_dir: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_word, "check", lambda *_: Verdict(wrong=3, elements=256, seconds=1e-6))
    assert _tune(work_dir, 2) == 1
    assert "FAIL: 3 of 256 elements differ from numpy" in capfd.readouterr().out


def test_logs_are_in_the_work_dir(work_dir: Path) -> None:
    logs = [file.name for file in (work_dir / "logs").iterdir()]
    assert "heron_ms.log" in logs and any("task_scheduler" in name for name in logs)
    assert not logging.getLogger("heron_ms").handlers


@pytest.mark.usefixtures("sigint")
def test_ctrl_c_keeps_what_was_measured(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from heron_ms.cli.terminal.progress import SearchProgress

    count = SearchProgress.result

    def press(self: SearchProgress, task: str, seconds: float | None) -> None:
        count(self, task, seconds)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(SearchProgress, "result", press)
    assert _tune(tmp_path, 4) == 130
    out, err = capfd.readouterr()
    assert f"interrupted: 1 of 4 trials are kept in {tmp_path}" in err
    assert "best latency" in out and "PASS" not in out
    assert len((tmp_path / "database_tuning_record.json").read_text().splitlines()) == 1


def test_workers_get_no_ctrl_c() -> None:
    from heron_ms.cli.process.interrupt import shielded, start_shielded

    def child(*_: Any) -> str:
        program = "import signal; print(signal.pthread_sigmask(signal.SIG_BLOCK, []))"
        command = [sys.executable, "-c", program]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    with shielded():
        assert "SIGINT" in child()
    assert "SIGINT" in start_shielded(child).result()
    assert "SIGINT" not in child()
