"""``heron-ms dataflow`` on the published tool's files: what it prints, writes and refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from heron_ms.cli import main
from tests.interstellar.golden_cases import Case, cases, data


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heron_ms.cli.terminal.patience.FIRST", 600.0)


@pytest.fixture
def files(tmp_path: Path) -> Any:
    """Writes the inputs of a case; returns the arguments that name them."""

    def write(case: Case, **change: Any) -> list[str]:
        names = {"arch": "arch", "layer": "layer", "schedule": "schedule_hint"}
        for kind, name in names.items():
            content = {**data()[kind][case.record[name]], **change.get(kind, {})}
            (tmp_path / f"{kind}.json").write_text(json.dumps(content))
        return [str(tmp_path / "arch.json"), str(tmp_path / "layer.json")]

    return write


def test_basic(files: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = next(c for c in cases() if c.record["schedule_hint"] == "tpu")
    schedule, out = tmp_path / "schedule.json", tmp_path / "out.json"
    arguments = [*files(case), "--schedule", str(schedule), "--json", str(out)]
    assert main(["dataflow", "basic", *arguments]) == 0
    result = json.loads(out.read_text())
    assert result["energy_pJ"] == pytest.approx(case.energy, rel=1e-9)
    levels = [level["energy_pJ"] for level in result["levels"]]
    assert levels == pytest.approx(case.level_energy, rel=1e-9)
    assert len(result["mapping_inner_to_outer"]) == 3
    text = capsys.readouterr().out
    assert "OC|IC" in text and "DRAM" in text


def test_basic_without_a_schedule(files: Any, tmp_path: Path) -> None:
    case = next(c for c in cases() if c.record["layer"] == "lstm0_batch128")
    arguments = files(case, arch={"utilization_threshold": 0.9})
    assert main(["dataflow", "basic", *arguments, "--json", str(tmp_path / "o.json")]) == 0
    assert json.loads((tmp_path / "o.json").read_text())["energy_pJ"] <= case.energy


def test_explore(files: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = next(c for c in cases() if c.record["layer"] == "alex_conv3_batch1")
    out = tmp_path / "out.json"
    arguments = [*files(case), "--utilization", "0.8", "--json", str(out)]
    assert main(["dataflow", "explore", *arguments]) == 0
    result = json.loads(out.read_text())
    energies = [dataflow["energy_pJ"] for dataflow in result["dataflows"]]
    assert energies == sorted(energies) and result["energy_pJ"] == energies[0]
    assert all(dataflow["utilization"] >= 0.8 for dataflow in result["dataflows"])
    assert "OX|OC" in capsys.readouterr().out


def test_memory(files: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = next(c for c in cases() if c.record["layer"] == "lstm0_batch128")
    sizes = {
        "explore_points": [2, 2],
        "capacity_scale": [0.5, 0.5],
        "access_cost_scale": [0.5, 0.7],
    }
    schedule, out = tmp_path / "schedule.json", tmp_path / "out.json"
    arguments = [*files(case, arch=sizes), "--schedule", str(schedule), "--json", str(out)]
    assert main(["dataflow", "memory", *arguments]) == 0
    result = json.loads(out.read_text())
    assert len(result["points"]) == 4
    assert result["energy_pJ"] == min(point["energy_pJ"] for point in result["points"])
    assert "best" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "more", "message"),
    [
        ({"arch": {"access_cost": [1, 6]}}, [], "level 2 has none"),
        ({"arch": {"capacity": [2, 4, 8]}}, [], "no blocking fits"),
        ({"layer": {"batch_size": 0}}, [], "batch_size is 0"),
        ({"layer": {"batch_size": 2**20 + 1}}, [], "batch_size is more than 1048576"),
        ({"layer": {"stride_width": 2**40}}, [], "stride_width is more than 1048576"),
        ({}, ["--schedule", "nowhere.json"], "nowhere.json cannot be read as JSON"),
        ({}, ["--json", "nowhere/out.json"], "the directory nowhere does not exist"),
    ],
)
def test_bad_input_is_one_line(
    files: Any,
    capsys: pytest.CaptureFixture[str],
    change: dict[str, Any],
    more: list[str],
    message: str,
) -> None:
    assert main(["dataflow", "basic", *files(cases()[0], **change), *more]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    assert message in err


def test_a_factor_that_cannot_cover_its_loop(
    files: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = cases()[0]
    arguments = files(case, schedule={"schedule_hint": {"FX": {"level0": {"blocking_size": 4}}}})
    schedule = str(tmp_path / "schedule.json")
    assert main(["dataflow", "basic", *arguments, "--schedule", schedule]) == 2
    assert "FX.0" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("explore abacus layer.json", "is no file and no known machine: eyeriss"),
        ("memory eyeriss layer.json", "cannot be read as JSON"),
        ("explore eyeriss layer.json --utilization 0.2", "cannot be read as JSON"),
        ("explore eyeriss layer.json --utilization 2", "must be a number from 0 to 1, got '2'"),
        ("explore eyeriss layer.json --utilization nan", "must be a number from 0 to 1, got 'nan'"),
        ("guess eyeriss layer.json", "unknown mode 'guess'"),
    ],
)
def test_bad_arguments(capsys: pytest.CaptureFixture[str], line: str, message: str) -> None:
    assert main(["dataflow", *line.split()]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("command", ["", "basic", "memory", "explore"])
def test_every_help_has_an_example(capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert main(["dataflow", *command.split(), "--help"]) == 0
    assert f"\n  heron-ms dataflow {command}".rstrip() in capsys.readouterr().out
