"""`heron-ms tune` for a GPU that is not there ends as a tuning that passed does."""

from __future__ import annotations

from pathlib import Path

import pytest

from heron_ms.cli import main
from heron_ms.measure.tensorcore import toolchain
from tests.tensorcore.programs import needs_nvcc


@needs_nvcc
def test_what_passes_ends_with_status_zero(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    words = f"tune gemm 32 32 32 --target tensorcore:a100 --trials 1 --work-dir {tmp_path}"
    assert main(words.split()) == 0
    assert "PASS (compiled and emulated, not run on a GPU)" in capfd.readouterr().out


def test_a_gpu_that_the_tool_chain_lacks_is_told_in_one_line_and_first(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toolchain, "nvcc", lambda: "nvcc")
    monkeypatch.setattr(toolchain, "architectures", lambda: frozenset({75, 80}))
    words = f"tune gemm 32 32 32 --target tensorcore:v100 --trials 1 --work-dir {tmp_path}"
    assert main(words.split()) != 0
    said = capfd.readouterr()
    assert "v100 is sm_70: CUDA 12 has it" in said.err and len(said.err.splitlines()) == 1
    assert "Traceback" not in said.err + said.out and "ran" not in said.out
