"""`heron-ms tune-model` end to end: two trials, a table, a checked model, resume, Ctrl-C."""

from __future__ import annotations

import json
import signal
from argparse import Namespace
from pathlib import Path

import pytest

from heron_ms.cli import main
from heron_ms.cli.model.progress import ModelProgress
from heron_ms.cli.model.settings import Settings, settings_of
from tests.cli.model.nets import identity


@pytest.fixture(scope="module")
def work_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tune")


def _tune(net: Path, work_dir: Path, trials: int, *more: str) -> int:
    line = f"tune-model {net} --shape x=4x12 --cores 1 --seed 0 --trials {trials}"
    return main([*line.split(), "--work-dir", str(work_dir), *more])


def test_tunes_checks_and_reports(
    net: Path, work_dir: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = work_dir / "result.json"
    assert _tune(net, work_dir, 2, "--json", str(file)) == 0
    out, err = capfd.readouterr()
    header, *_, last = out.splitlines()
    assert header.split() == ["task", "calls", "becomes", "trials", "ms", "share"]
    assert last.startswith("PASS: 1 outputs compared with ONNX Runtime")
    assert "tasks found: 2 (2 mapped to an intrinsic)" in err and "2/2" in err
    assert "sum of the tasks" in out and "[INFO]" not in out + err
    record = json.loads(file.read_text())
    assert record["pass"] and record["latency_ms"] > 0 and record["shapes"] == {"x": [4, 12]}
    assert sum(task["trials"] for task in record["tasks"]) == 2
    times = [task["latency_ms"] for task in record["tasks"] if task["latency_ms"]]
    assert record["sum_of_tasks_ms"] == pytest.approx(sum(times)) and len(times) == 2
    assert record["tasks_to_model"] == pytest.approx(sum(times) / record["latency_ms"])
    assert f"(ratio {record['tasks_to_model']:.2f})" in out


def test_goes_on_where_it_stopped(
    net: Path, work_dir: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    records = work_dir / "database_tuning_record.json"
    before = records.read_text().splitlines()
    assert _tune(net, work_dir, 2) == 0
    assert ", 2 trials;" in capfd.readouterr().out
    assert len(records.read_text().splitlines()) == len(before) == 2


def test_compile_knows_shape_and_target(
    net: Path, work_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = tmp_path / "net.so"
    line = f"compile {net} --work-dir {work_dir} -o {library}"
    assert main(line.split()) == 0
    out = capsys.readouterr().out
    assert "mlp.onnx for 1 cores" in out and "0 of 2 functions" not in out
    assert main(["run", str(library), "--check", str(net), "--repeat", "1"]) == 0
    layers = [line.split() for line in capsys.readouterr().out.splitlines()[1:3]]
    assert any(layer[-1] != "-" for layer in layers)


def test_logs_are_in_the_work_dir(work_dir: Path) -> None:
    logs = [file.name for file in (work_dir / "logs").iterdir()]
    assert "heron_ms.log" in logs and any("task_scheduler" in name for name in logs)


@pytest.mark.usefixtures("sigint")
def test_ctrl_c_keeps_what_was_measured(
    net: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    count = ModelProgress.result

    def press(self: ModelProgress, task: str, seconds: float | None) -> None:
        count(self, task, seconds)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(ModelProgress, "result", press)
    assert _tune(net, tmp_path, 4) == 130
    out, err = capfd.readouterr()
    assert f"interrupted: 1 of 4 trials are kept in {tmp_path}" in err
    assert "tasks measured: 1 of 2" in out and "PASS" not in out
    assert len((tmp_path / "database_tuning_record.json").read_text().splitlines()) == 1


@pytest.mark.usefixtures("sigint")
def test_ctrl_c_while_sketches_are_made(
    net: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def press(self: ModelProgress, name: str) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(ModelProgress, "sketched", press)
    assert _tune(net, tmp_path, 4) == 130
    assert "interrupted: 0 of 4 trials are kept" in capfd.readouterr().err


def test_without_trials(net: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert _tune(net, tmp_path, 0) == 0
    out = capfd.readouterr().out
    assert "tasks measured: 0 of 2" in out and "2 of 2 functions have no record" in out
    assert out.splitlines()[-1].startswith("PASS: ")


def test_a_model_without_tasks(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    net = identity(tmp_path / "net.onnx")
    assert main(["tune-model", str(net), "--work-dir", str(tmp_path / "work")]) == 0
    out = capfd.readouterr().out
    assert "tasks measured: 0 of 0" in out and out.splitlines()[-1].startswith("PASS: ")


def test_each_model_of_a_work_dir_is_remembered(net: Path, tmp_path: Path) -> None:
    work_dir = tmp_path / "work"
    Settings({"x": (4, 12)}, cores=1).write(work_dir, net.name)
    Settings({}, cores=2).write(work_dir, "other.onnx")
    asked = Namespace(model=str(net), shape={}, target=None, cores=None, allow=[])
    assert settings_of(asked, work_dir) == Settings({"x": (4, 12)}, cores=1)
