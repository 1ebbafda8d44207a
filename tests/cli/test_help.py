"""Help teaches by example and costs next to nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from heron_ms.cli import main


@pytest.mark.parametrize("command", ["", "tune", "tune gemm", "explain", "explain gemm", "doctor"])
def test_every_help_has_an_example(capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert main([*command.split(), "--help"]) == 0
    text = capsys.readouterr().out
    assert f"\n  heron-ms {command}".rstrip() in text


def test_a_reader_that_stops_early() -> None:
    command = f"{sys.executable} -m heron_ms.cli explain gemm 16 16 16 --target znver4 | head -1"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.startswith("gemm 16 16 16")
    assert "Error" not in done.stderr
