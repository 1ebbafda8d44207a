"""Stock MetaSchedule in the comparison on a GPU: its search, its program, what is said of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from heron_ms._tvm import ArgInfo, Schedule, ms
from heron_ms.hardware import machine
from heron_ms.hardware.description import only
from heron_ms.hardware.tensorcore import TensorCore
from heron_ms.measure.records import module_of
from heron_ms.measure.tensorcore import runtime
from heron_ms.workloads import OPERATORS
from scripts.bench.harness.journal import Journal
from scripts.bench.harness.paths import REPOSITORY, add_to_path
from scripts.bench.tensorcore.speed import stock
from scripts.bench.tensorcore.stock_target import stock_target
from tests.tensorcore.standing_in.installed import HERE, Environment, installed_nvcc

SMALL = OPERATORS["gemv"].of((32, 16), "f16")


def test_its_best_program_may_have_what_our_databases_refuse(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Such as the annotation of stock's programs for TensorCores."""
    mod, target = module_of(SMALL.prim_func()), stock_target(only(TensorCore, machine("a100"), ""))
    sch = Schedule(mod)
    sch.annotate(sch.get_sblock("C"), "warp_execution", 1)
    database = ms.database.JSONDatabase(work_dir=str(tmp_path))
    workload = database.commit_workload(mod)
    arguments = ArgInfo.from_prim_func(mod["main"])
    for seconds, trace in ((1e-6, sch.trace), (1e10, Schedule(mod).trace)):
        record = ms.database.TuningRecord(trace, workload, [seconds], target, arguments)
        database.commit_tuning_record(record)
    monkeypatch.setattr(runtime, "require", lambda name: None)
    monkeypatch.setattr(stock, "compile_with_nvcc", lambda: None)
    monkeypatch.setattr(stock, "tvm_compile", lambda made, target: {"main": made})
    assert "warp_execution" in str(stock.best(SMALL, "a100", tmp_path))


def test_tvm_is_to_compile_with_the_nvcc_that_ours_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock, "nvcc", lambda: Path("/of/wheels/nvcc"))
    monkeypatch.setenv("PATH", os.pathsep.join(["/usr/bin", "/of/wheels", "/bin"]))
    monkeypatch.setenv("TVM_CUDA_COMPILE_MODE", "nvrtc")
    stock.compile_with_nvcc()
    assert os.environ["PATH"].split(os.pathsep) == ["/of/wheels", "/usr/bin", "/bin"]
    assert os.environ["TVM_CUDA_COMPILE_MODE"] == "nvcc"


class _Ran:
    def __init__(self, *seconds: float) -> None:
        self.run_secs = seconds


@pytest.mark.parametrize(("records", "not_compiled", "counts", "why"), [
    ((), (), (0, 0, 0), "it proposes no candidate"),
    ((_Ran(1e10), _Ran(1e10)), ("a", "a"), (2, 0, 0), "none of 2 candidates compiles: a"),
    ((_Ran(1e10), _Ran(1e10)), ("a",), (2, 1, 0), "none of 1 candidates that compile runs: b"),
    ((_Ran(1e10), _Ran(1e-6)), ("a",), (2, 1, 1), ""),
])  # fmt: skip
def test_what_is_told_of_candidates(
    records: tuple[_Ran, ...],
    not_compiled: tuple[str, ...],
    counts: tuple[int, int, int],
    why: str,
    tmp_path: Path,
) -> None:
    (tmp_path / "not-compiled.txt").write_text("".join(f"{line}\n" for line in not_compiled))
    (tmp_path / "not-run.txt").write_text("b\n")
    names = ("candidates", "compiled", "ran")
    expected = {**dict(zip(names, counts, strict=True)), "why": why}
    assert stock._told(records, tmp_path) == expected


def test_a_search_that_fails_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(stock, "LONGEST", 0.0)
    told = stock.searched(SMALL, "a100", 1, tmp_path / "stock")
    assert told["why"].startswith("stopped after 0 s")


@pytest.mark.slow
def test_its_search_and_its_best_program_run_on_the_stand_in(
    standing_in: Environment, tmp_path: Path
) -> None:
    """Built and run by MetaSchedule's own builder and runner, compiled by TVM, equal to numpy."""
    words = [str(HERE / "speed.py"), str(tmp_path), "--trials", "4"]
    env = {**standing_in}
    add_to_path(REPOSITORY, env)
    done = subprocess.run(
        [sys.executable, *words], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sound, [row], text = json.loads(done.stdout)
    assert sound and f"{row['case']}, stock" not in text
    assert "-" not in (row["heron_ms, us"], row["stock, us"], row["ratio to stock"])
    search, _ = Journal(tmp_path / "rows.jsonl").records()
    assert search["candidates"] == 4 and search["ran"] >= 1 and search["why"] == ""


@pytest.mark.slow
def test_where_nothing_compiles_the_search_says_so(
    standing_in: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With an nvcc that refuses everything, found where NVIDIA's wheels have it."""
    refusing = installed_nvcc(standing_in, tmp_path, "echo 'kernel.cu(1): error: refused'; exit 1")
    for name in ("LD_LIBRARY_PATH", "PYTHONPATH"):
        monkeypatch.setenv(name, refusing[name])
    told = stock.searched(SMALL, "a100", 2, tmp_path / "stock")
    why = "none of 2 candidates compiles: kernel.cu(1): error: refused"
    assert told == {"candidates": 2, "compiled": 0, "ran": 0, "why": why}
