"""`heron-ms doctor`: every check is a line, a failed one is status 1."""

from __future__ import annotations

from importlib import metadata, util
from typing import Any

import pytest

from heron_ms.cli import main
from heron_ms.cli.doctor import facts
from heron_ms.cli.doctor import intrinsics as trials
from heron_ms.errors import ToolChainError
from heron_ms.hardware import cpu_named, host
from heron_ms.intrinsics import INTRINSICS, VNNI_U8
from heron_ms.intrinsics.pack import PACKINGS


def _doctor(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, str]]:
    status = main(["doctor"])
    lines = capsys.readouterr().out.splitlines()
    return status, {line[8:36].strip(): line for line in lines}


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
