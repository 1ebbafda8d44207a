"""`heron-ms tune --target vta`: from the command line to a verdict."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from heron_ms.cli import main


def test_tune(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "result.json"
    line = "tune gemm 64 64 64 --target vta --trials 16 --seed 0"
    assert main([*line.split(), "--work-dir", str(tmp_path / "w"), "--json", str(file)]) == 0
    out, err = capfd.readouterr()
    assert "PASS" in out and "best latency (estimated)" in out and "Traceback" not in err
    record = json.loads(file.read_text())
    assert record["pass"] and record["estimated"] and record["invalid"] == 0
    assert (record["machine"], record["dtype"]) == ("pynq", "s8s8s8")
    cycles = int(record["facts"]["cycles (estimated)"].replace(",", ""))
    # 1,024 steps of the matrix unit at least; at 100 MHz a cycle is 10 ns.
    assert 1024 < cycles < 6000
    assert record["latency_ms"] == pytest.approx(cycles * 1e-5)


def test_explain(capfd: pytest.CaptureFixture[str]) -> None:
    assert main("explain gemm 64 64 64 --target vta".split()) == 0
    out, _ = capfd.readouterr()
    assert "vta.s8s8s32.1x16x16" in out and "3 <= C.steps  [C6]" in out
    assert "acc.bytes <= 131072  [C5]" in out
