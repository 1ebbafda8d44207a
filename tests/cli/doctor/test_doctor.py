"""`heron-ms doctor`: every check is a line, a failed one is status 1."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata, util
from pathlib import Path
from typing import Any

import pytest

from heron_ms.cli import main
from heron_ms.cli.doctor import facts
from heron_ms.cli.doctor import intrinsics as trials
from heron_ms.errors import ToolChainError
from heron_ms.hardware import cpu_named, driver, host
from heron_ms.intrinsics import INTRINSICS, VNNI_U8
from heron_ms.intrinsics.pack import PACKINGS
from heron_ms.measure.tensorcore import runtime
from tests.tensorcore.standing_in.installed import Environment, driver_alone


def _doctor(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, str]]:
    status = main(["doctor"])
    return status, _by_name(capsys.readouterr().out)


def _by_name(said: str) -> dict[str, str]:
    return {line[8:36].strip(): line for line in said.splitlines()}


def test_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    status, lines = _doctor(capsys)
    assert status == 0
    for name in ("python", "apache-tvm", "apache-tvm-ffi", "LLVM", "numpy", "xgboost", "cores"):
        assert lines[name].startswith("ok ")
    for name in PACKINGS:
        assert lines[name].startswith("ok ") and lines[name].endswith("results right")
    for intrinsic in trials.tried():
        line = lines[intrinsic.name]
        assert line.startswith("ok ")
        assert f"{intrinsic.instruction} in the assembly" in line
        here = intrinsic.features <= host().features
        assert ("results right" if here else "not run: this CPU has no") in line


def test_every_instruction_is_tried() -> None:
    """One of many heights with most and with fewest rows."""
    assembled = [known for known in INTRINSICS.values() if known.assembled]
    tried = trials.tried()
    assert {each.instruction for each in tried} == {each.instruction for each in assembled}
    assert {each for each in assembled if not each.accumulators} <= set(tried)
    of_tiles = {each.rows for each in assembled if each.accumulators}
    heights = [each.rows for each in tried if each.accumulators]
    assert set(heights) == {max(of_tiles), min(of_tiles)}


def test_a_missing_extra_is_no_failure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(util, "find_spec", lambda name: None)
    status, lines = _doctor(capsys)
    assert status == 0
    assert lines["extra [plot]"].startswith("missing ")
    assert "pip install 'heron-ms[plot]'" in lines["extra [plot]"]


def test_every_extra_is_told_of() -> None:
    declared = metadata.metadata("heron-ms").get_all("Provides-Extra")
    told = [fact.name for fact in facts.extras()]
    assert sorted(told) == sorted(f"extra [{name}]" for name in declared or [])


def test_a_compiler_that_is_missing_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Any:
        raise ToolChainError("no nvcc to compile CUDA with: pip install 'heron-ms[cuda]'")

    monkeypatch.setattr(facts, "nvcc", nowhere)
    assert facts._compiler().status is facts.Status.MISSING


def _gpu_runtime(env: Environment) -> str:
    command = [sys.executable, "-m", "heron_ms", "doctor"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return _by_name(done.stdout)["GPU runtime"]


def test_a_runtime_that_finds_the_gpu(standing_in: Environment) -> None:
    line = _gpu_runtime(standing_in)
    assert line.startswith("ok ") and line.endswith("TVM's CUDA runtime finds the GPU")


def test_a_gpu_without_its_runtime_is_no_failure(standing_in: Environment, tmp_path: Path) -> None:
    line = _gpu_runtime(driver_alone(standing_in, tmp_path))
    assert line.startswith("missing ")
    assert "A100-SXM4-40GB is here, but TVM's CUDA runtime does not find it: it needs lib" in line
    assert "pip install 'heron-ms[cuda]'" in line


def test_without_a_gpu_it_says_what_a_runtime_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "gpu", lambda: None)
    monkeypatch.setattr(runtime, "loading", lambda: lambda: False)
    gpu, needed = facts.gpu()
    assert (gpu.status, needed.status) == (facts.Status.MISSING, facts.Status.MISSING)
    assert needed.detail.startswith("TVM's CUDA runtime finds no GPU: it needs lib")
    assert needed.detail.endswith("a driver for CUDA 13")


def test_a_failure_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: Any, **options: Any) -> Any:
        raise RuntimeError("first line\nLLVM said no")

    monkeypatch.setattr(trials, "tvm_compile", fail)
    status, lines = _doctor(capsys)
    assert status == 1
    assert lines["vnni.u8s8s32.16x4"].startswith("fail ")
    assert lines["vnni.u8s8s32.16x4"].endswith("LLVM said no")


def test_wrong_results_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "count_wrong", lambda *_: 2)
    intrinsic = next(known for known in INTRINSICS.values() if known.features <= host().features)
    fact = trials._try(intrinsic, host())
    assert fact.status is facts.Status.FAIL
    assert fact.detail.endswith("but 2 results differ from numpy")


def test_a_cpu_without_the_instruction_compiles_for_another() -> None:
    fact = trials._try(VNNI_U8, cpu_named("haswell"))
    assert fact.status is facts.Status.OK
    assert "vpdpbusd in the assembly; not run: this CPU has no avx512vnni" in fact.detail
