"""`heron-ms tune --suite`: a line a case, resumed where it stopped, one failure among others."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from heron_ms.cli import main
from heron_ms.cli.tune import suite
from heron_ms.cli.tune.check import Verdict
from heron_ms.cli.tune.command import Outcome
from heron_ms.cli.tune.job import Job
from heron_ms.cli.tune.records import Records
from heron_ms.cli.tune.report import Report
from heron_ms.hardware import host

SECONDS = dict.fromkeys(("prepare", "search", "build", "run"), 0.0)
GEMV = 5


class Tuner:
    """Stands in for the tuning of a case: what it was asked for, and what it is to answer."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.wrong: dict[str, int] = {}
        self.raises: dict[str, BaseException] = {}
        self.stops: set[str] = set()

    def __call__(self, job: Job, begun: float) -> Outcome:
        name = job.workload.name
        self.asked.append(name)
        job.work_dir.mkdir(parents=True, exist_ok=True)
        if name in self.raises:
            raise self.raises[name]
        wrong, passed = self.wrong.get(name, 0), not self.wrong.get(name, 0)
        operations, case = job.workload.operations, list(job.workload.case)
        report = Report(
            case, 1e-6, operations, 400.0, 2, 0, 0, SECONDS, passed, job.settings,
            interrupted=name in self.stops,
        )  # fmt: skip
        found = Records(2, 0, object(), 1e-6)
        return Outcome(job, found, Verdict(wrong, 16, 1e-6), report)


@pytest.fixture
def tuner(monkeypatch: pytest.MonkeyPatch) -> Tuner:
    made = Tuner()
    monkeypatch.setattr(suite, "tuned", made)
    return made


def _run(folder: Path, *more: str) -> int:
    line = "tune --suite dlboost --target host --cores 1 --only gemv --trials 2"
    return main([*line.split(), "--work-dir", str(folder), *more])


def test_a_line_a_case(tuner: Tuner, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(tmp_path, "--json", str(tmp_path / "all.json")) == 0
    header, *lines, last = capsys.readouterr().out.splitlines()
    assert header.split() == ["case", "latency", "GOP/s", "of", "peak", "result"]
    first = "gemv-512x16-packed-u8s8 0.001000 ms 16.4 4.1% PASS"
    assert lines[0].split() == first.split()
    assert len(lines) == len(tuner.asked) == GEMV
    shares = [2 * m * k / 1e-6 / 1e9 / 400 for m, k in _sizes(tuner)]
    mean = 1.0
    for share in shares:
        mean *= share ** (1 / GEMV)
    assert last == f"5 of 5 cases passed; geometric mean of the share of the peak {mean:.1%}"
    records = json.loads((tmp_path / "all.json").read_text())
    assert [record["workload"] for record in records] == tuner.asked


def _sizes(tuner: Tuner) -> list[list[int]]:
    return [[int(size) for size in name.split("-")[1].split("x")] for name in tuner.asked]


def test_what_is_finished_is_not_measured_again(tuner: Tuner, tmp_path: Path) -> None:
    assert _run(tmp_path) == _run(tmp_path) == 0
    assert len(tuner.asked) == GEMV
    assert _run(tmp_path, "--trials", "3") == 0
    assert len(tuner.asked) == 2 * GEMV


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pass": true}'])
def test_a_broken_result_is_measured_again(tuner: Tuner, tmp_path: Path, content: str) -> None:
    assert _run(tmp_path) == 0
    for file in tmp_path.glob("gemv-512x16-*/result.json"):
        file.write_text(content)
    assert _run(tmp_path) == 0
    assert tuner.asked[GEMV:] == ["gemv-512x16-packed-u8s8"]


def test_a_result_of_another_machine_is_measured_again(tuner: Tuner, tmp_path: Path) -> None:
    assert _run(tmp_path) == 0
    for file in tmp_path.glob("gemv-512x16-*/result.json"):
        file.write_text(json.dumps({**json.loads(file.read_text()), "mcpu": "another"}))
    assert _run(tmp_path) == 0
    assert len(tuner.asked) == GEMV + 1


def test_a_failure_is_a_line_and_status_1(
    tuner: Tuner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tuner.wrong = {"gemv-512x16-packed-u8s8": 3}
    tuner.raises = {"gemv-512x256-packed-u8s8": RuntimeError("traceback\nLLVM said no")}
    assert _run(tmp_path) == 1
    out = capsys.readouterr().out
    assert "FAIL: 3 of 16 elements differ from numpy" in out
    assert "FAIL: LLVM said no" in out
    assert "3 of 5 cases passed" in out
    log = tmp_path / "gemv-512x256-packed-u8s8" / "logs" / "error.txt"
    assert "LLVM said no" in log.read_text()
    tuner.wrong, tuner.raises = {}, {}
    assert _run(tmp_path) == 0
    assert len(tuner.asked) == GEMV + 2


@pytest.mark.parametrize("how", ["in the search", "elsewhere"])
def test_ctrl_c_keeps_the_rows(
    tuner: Tuner, tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    third = "gemv-256x1024-packed-u8s8"
    if how == "in the search":
        tuner.stops = {third}
    else:
        tuner.raises = {third: KeyboardInterrupt()}
    file = tmp_path / "all.json"
    assert _run(tmp_path, "--json", str(file)) == 130
    out, err = capsys.readouterr()
    assert out.count("PASS") == 2 and "2 of 5 cases are finished" in err
    assert len(json.loads(file.read_text())) == 2
    tuner.stops, tuner.raises = set(), {}
    assert _run(tmp_path) == 0
    assert tuner.asked.count(third) == 2 and len(tuner.asked) == GEMV + 1


def test_the_record_of_a_report_without_a_peak(
    tuner: Tuner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def peakless(job: Job, begun: float) -> Outcome:
        outcome = tuner(job, begun)
        return replace(outcome, report=replace(outcome.report, peak=None))

    monkeypatch.setattr(suite, "tuned", peakless)
    assert _run(tmp_path) == 0
    assert capsys.readouterr().out.endswith("5 of 5 cases passed\n")


def test_a_full_disk_keeps_the_rows(
    tuner: Tuner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    assert _run(tmp_path, "--json", "/dev/full") == 2
    out, err = capsys.readouterr()
    assert out.count("PASS") == GEMV and "5 of 5 cases passed" in out
    assert err.endswith("error: --json /dev/full cannot be written: No space left on device\n")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    monkeypatch.setattr(Path, "write_text", full)
    assert _run(tmp_path, "--trials", "3") == 1
    out = capsys.readouterr().out
    assert out.count("result.json cannot be written to (No space left on device)") == GEMV


@pytest.mark.slow
@pytest.mark.skipif(not host().has("avx512vnni"), reason="this CPU has no AVX512-VNNI")
def test_end_to_end(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    line = "tune --suite dlboost --cores 1 --only gemv-512x --trials 2"
    assert main([*line.split(), "--work-dir", str(tmp_path)]) == 0
    first = capfd.readouterr().out
    assert first.count("PASS") == 2
    records = {file: file.read_text() for file in tmp_path.glob("*/database_tuning_record.json")}
    assert [len(text.splitlines()) for text in records.values()] == [2, 2]
    assert main([*line.split(), "--work-dir", str(tmp_path)]) == 0
    assert capfd.readouterr().out == first
