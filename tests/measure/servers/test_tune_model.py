"""`heron-ms tune-model --tracker`: a model that is tuned, checked and timed on a server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from heron_ms.cli import main
from heron_ms.database.files import RECORDS
from heron_ms.database.text import Text
from heron_ms.testing.loopback import Loopback
from tests.cli.model.nets import mlp


@pytest.mark.slow
def test_tunes_and_checks_there(
    two: Loopback, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    net, result = mlp(tmp_path / "mlp.onnx"), tmp_path / "result.json"
    line = f"tune-model {net} --shape x=4x12 --cores 1 --seed 0 --trials 2 --json {result}"
    there = f"--tracker {two.address} --key {two.tracker.key} --work-dir {tmp_path / 'work'}"
    assert main([*line.split(), *there.split()]) == 0
    assert "PASS: 1 outputs compared with ONNX Runtime" in capfd.readouterr().out
    record = json.loads(result.read_text())
    assert record["pass"] and record["latency_ms"] > 0
    assert sum(task["trials"] for task in record["tasks"]) == 2
    assert all(task["latency_ms"] is not None for task in record["tasks"])
    # The winners were compared there, and are right.
    lines = (tmp_path / "work" / RECORDS).read_bytes().splitlines()
    assert [Text.of(line).right for line in lines] == [True, True]
