"""On a GPU programs are measured; a stand-in for NVIDIA's libraries emulates what is launched.

It shows that what is built is loaded, handed its arguments and launched by TVM's own CUDA runtime,
and what is said of it. Machine code and time it does not know.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from heron_ms.errors import ToolChainError
from heron_ms.hardware import driver, machine
from heron_ms.hardware.description import only
from heron_ms.hardware.driver import Gpu
from heron_ms.hardware.tensorcore import TensorCore
from heron_ms.measure.devices import device_of
from heron_ms.measure.tensorcore import runtime
from heron_ms.measure.tensorcore.cuda import CudaDevice
from heron_ms.measure.tensorcore.device import CompileOnlyDevice
from tests.tensorcore.standing_in.installed import Environment

A100 = only(TensorCore, machine("a100"), "GPU")


def _on_the_stand_in(standing_in: Environment, words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "heron_ms", *words.split()],
        env=standing_in,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("sizes", ["64 64 64", "16 16 1024"])
def test_programs_are_built_run_timed_and_compared(
    standing_in: Environment, tmp_path: Path, sizes: str
) -> None:
    """The second is one whose sums may be split over two kernels."""
    work_dir = tmp_path / "tuned"
    words = f"tune gemm {sizes} --target tensorcore --trials 3 --seed 0 --work-dir {work_dir}"
    done = _on_the_stand_in(standing_in, words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\nPASS\n" in done.stdout
    assert "best latency " in done.stdout and "estimated" not in done.stdout
    records = [json.loads(line) for line in (work_dir / "database_tuning_record.json").open()]
    measured = [record[1][1] for record in records]
    assert measured and all(len(seconds) >= 15 for seconds in measured)


def test_a_gpu_that_is_here_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "gpu", lambda: Gpu("NVIDIA A100-SXM4-40GB", 80))
    assert device_of(A100) == CudaDevice(A100)
    assert not device_of(A100).estimates
    assert device_of(machine("h100")) == CompileOnlyDevice(only(TensorCore, machine("h100"), ""))


def test_estimates_and_measurements_are_records_of_different_targets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(driver, "gpu", lambda: None)
    assert device_of(A100) == CompileOnlyDevice(A100)
    estimated = A100.target()
    monkeypatch.setattr(driver, "gpu", lambda: Gpu("NVIDIA A100-SXM4-40GB", 80))
    assert A100.target() == {**estimated, "tag": "measured"}


def test_a_runtime_that_finds_no_gpu_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "loading", lambda: lambda: False)
    with pytest.raises(ToolChainError, match="a100 is here, .*pip install") as error:
        runtime.require(A100.name)
    assert "\n" not in str(error.value)
