"""Whose layout of the weight a result was measured with, and the check of a packed kernel."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import heron_ms
from heron_ms._tvm import IRModule, Target, tvm_compile
from heron_ms.cli import main
from heron_ms.cli.tune import check
from heron_ms.cli.tune.kernels import packed_ahead, weight_used
from heron_ms.hardware import host
from heron_ms.measure.cpu import device as cpu
from heron_ms.measure.devices import device_of
from heron_ms.workloads import Gemm

DLBOOST = Target({"kind": "llvm", "mcpu": "cascadelake", "num-cores": 2})

HERE = device_of(host().with_cores(1))


def _program(workload: Gemm, target: Target) -> IRModule:
    sketch = heron_ms.generate_sketches(IRModule({"main": workload.prim_func()}), target)[0]
    problem = heron_ms.derive_csp(sketch, target)
    return heron_ms.materialize(sketch, problem.sample(1, np.random.default_rng(0))[0]).mod


@pytest.mark.parametrize(
    ("n", "weight", "words"),
    [
        (32, "ahead", "packed ahead by the tuner"),
        (40, "ahead", "as it comes (kn)"),
        (32, "kn", "as it comes (kn)"),
        (32, "nk", "as it comes (nk)"),
        (32, "packed", "packed by the caller"),
    ],
)
def test_words(n: int, weight: str, words: str) -> None:
    workload = Gemm(16, 32, n, weight=weight)
    assert weight_used(workload, _program(workload, DLBOOST)) == words


@pytest.mark.vnni
def test_both_kernels_are_checked(monkeypatch: pytest.MonkeyPatch, here: Any) -> None:
    monkeypatch.setattr(cpu, "REPEATS", 2)
    workload = Gemm(16, 32, 32, weight="ahead")
    program = _program(workload, here)
    whole, ahead = tvm_compile(program, here), packed_ahead(program, here, HERE)
    assert ahead is not None
    assert check.check(whole, workload, HERE, ahead).wrong == 0

    packer = ahead.packers[1]

    class Forgetful:
        def packed(self, device: Any, argument: Any) -> Any:
            return np.zeros_like(packer.packed(device, argument))

    broken = replace(ahead, packers={1: Forgetful()})  # type: ignore[dict-item]
    assert check.check(whole, workload, HERE, broken).wrong > 100


def test_nothing_packed_is_no_other_kernel() -> None:
    mod = IRModule({"main": Gemm(4, 4, 4).prim_func()})
    assert packed_ahead(mod, Target({"kind": "llvm"}), HERE) is None


@pytest.mark.skipif(not host().has("avx512vnni"), reason="this CPU has no AVX512-VNNI to tune for")
def test_tune_packs_ahead(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "result.json"
    line = "tune gemm 16 32 32 --weight ahead --trials 2 --cores 1 --seed 0"
    assert main([*line.split(), "--work-dir", str(tmp_path / "w"), "--json", str(file)]) == 0
    out, _ = capfd.readouterr()
    assert "packed ahead by the tuner" in out and "PASS" in out
    record = json.loads(file.read_text())
    assert (record["weight"], record["weight_used"]) == ("ahead", "packed ahead by the tuner")
    stored = (tmp_path / "w" / "database_tuning_record.json").read_text().splitlines()
    # The shape of B that was measured with is that of the packed weight.
    assert [json.loads(line)[1][3][1][2] for line in stored] == [[2, 8, 16, 4]] * 2
