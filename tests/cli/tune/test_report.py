"""The figures of a result, the same in the table and in JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from rich.console import Console

from heron_ms.cli.tune.disturbance import Disturbance
from heron_ms.cli.tune.report import Report

REPORT = Report(
    case=[64, 64, 64],
    latency=2e-6,
    operations=524_288,
    peak=400.0,
    tried=32,
    resumed=8,
    invalid=1,
    seconds={"prepare": 0.5, "search": 1.0, "build": 2.0, "run": 3.0},
    passed=True,
    settings={"seed": 0},
)


def _text(report: Report) -> str:
    console = Console(width=80, record=True, quiet=True)
    with console.capture() as captured:
        console.quiet = False
        console.print(report.table())
    return captured.get()


def test_speed() -> None:
    assert REPORT.gops == pytest.approx(262.144)
    assert REPORT.peak_share == pytest.approx(0.65536)


def test_json() -> None:
    record = json.loads(REPORT.to_json())
    assert record["latency_ms"] == pytest.approx(0.002)
    assert record["gops"] == pytest.approx(262.144)
    assert (record["case"], record["pass"], record["tried"]) == ([64, 64, 64], True, 32)
    assert record["seconds"]["build"] == 2.0
    assert (record["invalid"], record["seed"]) == (1, 0)


def test_table() -> None:
    text = _text(REPORT)
    for part in ("0.002000 ms", "262.1 GOP/s", "65.5% of 400.0 GOP/s", "32 (8 of them earlier)"):
        assert part in text


def test_what_limits_the_winner() -> None:
    limited = replace(REPORT, limited_by="L2")
    assert json.loads(limited.to_json())["limited_by"] == "L2"
    (line,) = (row for row in _text(limited).splitlines() if "limited by (model)" in row)
    assert line.split()[-1] == "L2"
    assert json.loads(REPORT.to_json())["limited_by"] is None


def test_a_disturbed_machine() -> None:
    disturbance = Disturbance(0.1, 0.5, (1e-6, 2e-6), (700.0, 1300.0))
    disturbed = replace(REPORT, disturbance=disturbance)
    lines = [line for line in _text(disturbed).splitlines() if "machine was disturbed" in line]
    assert [line.split("disturbed")[1].strip() for line in lines] == disturbance.signs
    record = json.loads(disturbed.to_json())
    assert record["disturbed"] and record["peaks_gops"] == [700.0, 1300.0]
    assert "disturbed" not in _text(replace(REPORT, disturbance=Disturbance(0.0, 0.0, (1.0, 1.0))))


def test_nothing_worked() -> None:
    empty = replace(REPORT, latency=None, passed=False)
    assert (empty.gops, empty.peak_share) == (None, None)
    assert json.loads(empty.to_json())["latency_ms"] is None
    assert "best latency" in _text(empty)


def test_no_peak_to_compare_with() -> None:
    assert replace(REPORT, peak=None).peak_share is None


@pytest.mark.parametrize(("tried", "interrupted"), [(32, False), (31, True), (31, False)])
def test_a_space_that_is_exhausted_is_told(tried: int, interrupted: bool) -> None:
    report = replace(REPORT, settings={"trials": 32}, tried=tried, interrupted=interrupted)
    assert ("no more were found" in _text(report)) == (tried < 32 and not interrupted)
