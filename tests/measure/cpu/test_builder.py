"""Builds in workers that stay: what one candidate does costs that candidate."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

import heron_ms
from heron_ms._tvm import IRModule, Target, derived_object, ms
from heron_ms.hardware import host
from heron_ms.measure.cpu import workers
from heron_ms.measure.cpu.builder import KeptBuilder, local_builder
from heron_ms.measure.future import Done
from heron_ms.measure.patience import patient
from heron_ms.workloads import Gemm

HERE = Target(host().target(1))


@contextmanager
def opened(builder: Any) -> Iterator[Any]:
    try:
        yield builder
    finally:
        builder.close()


@pytest.fixture(autouse=True)
def _aside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is planted names no folder, and the builder leaves notes beside it."""
    monkeypatch.chdir(tmp_path)


def inputs(*names: str) -> list[Any]:
    """Candidates, of which a planted build reads the names."""
    func = Gemm(4, 4, 16).prim_func()
    mods = [IRModule({"main": func.with_attr("name", name)}) for name in names]
    return [ms.builder.BuilderInput(mod, HERE) for mod in mods]


def planted() -> Callable[[Any, Any], str]:
    """A build that does what the name of a candidate says, and returns its process."""

    def build(mod: Any, _target: Any) -> str:
        import os
        import time

        name = str(mod["main"].attrs["name"])
        if name == "raise":
            raise ValueError("no such thing")
        if name == "die":
            os._exit(7)
        if name == "hang":
            time.sleep(60)
        if name == "grow":
            globals()["kept"] = bytearray(os.urandom(1)) * 50_000_000
        return str(os.getpid())

    return build


def paths(results: list[Any]) -> list[str | None]:
    return [
        None if result.artifact_path is None else str(result.artifact_path) for result in results
    ]


class _Unmeasured(ms.runner.PyRunner):  # type: ignore[misc]
    """Fails every program without running it."""

    def run(self, runner_inputs: list[Any]) -> list[Any]:
        return [Done(ms.runner.RunnerResult(None, "not run")) for _ in runner_inputs]


Unmeasured: Any = derived_object(_Unmeasured)


def test_less_patience_than_the_builder_has() -> None:
    with opened(KeptBuilder(1, 20.0, planted())) as builder, patient(lambda: 0.5):
        [hung] = builder.build(inputs("hang"))
    assert "killed after 0.5 seconds" in str(hung.error_msg)


def test_a_worker_stays_from_batch_to_batch() -> None:
    with opened(KeptBuilder(1, 20.0, planted())) as builder:
        first, second = (set(paths(builder.build(inputs("a", "b")))) for _ in range(2))
    assert len(first) == 1 and first == second


@pytest.mark.parametrize(
    ("name", "words"),
    [("raise", "no such thing"), ("die", "Subprocess terminated"), ("hang", "killed after 2")],
)
def test_what_fails_costs_itself(name: str, words: str) -> None:
    with opened(KeptBuilder(1, 2.0, planted())) as builder:
        results = builder.build(inputs("a", name, "b"))
    before, failed, after = paths(results)
    assert before and after and failed is None
    assert words in str(results[1].error_msg)
    assert (before == after) == (name == "raise")


def test_a_worker_that_has_grown_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "GROWTH", 30_000_000)
    with opened(KeptBuilder(1, 20.0, planted())) as builder:
        grown, next_one = paths(builder.build(inputs("grow", "a")))
    assert grown != next_one


def test_a_worker_that_has_done_enough_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "TASKS", 3)
    with opened(KeptBuilder(1, 20.0, planted())) as builder:
        # The first task of a worker is to answer that it has started.
        found = paths(builder.build(inputs("a", "b", "c")))
    assert found[0] == found[1] != found[2]


def test_none_survives() -> None:
    builder = KeptBuilder(2, 20.0, planted())
    pids = {int(path) for path in paths(builder.build(inputs(*"abcdef"))) if path}
    assert all(psutil.pid_exists(pid) for pid in pids)
    builder.close()
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_a_real_build(tmp_path: Path) -> None:
    with opened(local_builder(1)) as builder:
        [result] = builder.build(inputs("real"))
    assert result.error_msg is None
    artifact = Path(str(result.artifact_path))
    assert artifact.is_file()
    ms.utils.remove_build_dir(str(artifact))


def test_tune_tir_leaves_no_worker(tmp_path: Path) -> None:
    before = {process.pid for process in psutil.Process(os.getpid()).children(recursive=True)}
    func = Gemm(4, 4, 16).prim_func()
    heron_ms.tune_tir(func, HERE, str(tmp_path), 2, runner=Unmeasured())
    after = {process.pid for process in psutil.Process(os.getpid()).children(recursive=True)}
    assert after <= before


def test_a_pinned_process_has_one_worker() -> None:
    code = (
        "import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])\n"
        "from heron_ms.measure.cpu.builder import local_builder\n"
        "builder = local_builder()\n"
        "import psutil; print(len(psutil.Process().children())); builder.close()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1"]
