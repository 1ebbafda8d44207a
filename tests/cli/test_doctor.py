"""`heron-ms doctor`: every check is a line, a failed one is status 1."""

from __future__ import annotations

from typing import Any

import pytest

from heron_ms.cli import facts, main, trials
from heron_ms.hardware import machine
from heron_ms.intrinsics import INTRINSICS, PACK_INTRINSICS


def _doctor(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, str]]:
    status = main(["doctor"])
    lines = capsys.readouterr().out.splitlines()
    return status, {line[8:27].strip(): line for line in lines}


def test_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    status, lines = _doctor(capsys)
    assert status == 0
    for name in ("python", "apache-tvm", "apache-tvm-ffi", "LLVM", "numpy", "xgboost", "cores"):
        assert lines[name].startswith("ok ")
    for name in (*INTRINSICS, *PACK_INTRINSICS.values()):
        assert lines[name].startswith("ok ") and "vpdpbusd in the assembly" in lines[name]


def test_a_missing_extra_is_no_failure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts.util, "find_spec", lambda name: None)
    status, lines = _doctor(capsys)
    assert status == 0
    assert lines["extra [plot]"].startswith("missing ")
    assert "pip install 'heron-ms[plot]'" in lines["extra [plot]"]


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
    import numpy as np

    monkeypatch.setattr(trials, "run_once", lambda *_: (np.zeros(4), np.array([0, 0, 1, 2])))
    fact = trials._run(next(trials._trials()), None, "compiled")
    assert fact.status is facts.Status.FAIL
    assert fact.detail == "2 of 4 results differ from numpy"


def test_a_cpu_without_the_instruction_compiles_for_another() -> None:
    trial = next(trials._trials())
    fact = trials._try(trial, machine("cascadelake"), False)
    assert fact.status is facts.Status.OK
    assert "compiled for cascadelake" in fact.detail and "not run" in fact.detail
