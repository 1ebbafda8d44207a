"""Rows of the comparison on a GPU: stock's search is one, and the comparison another."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from heron_ms.hardware import machine
from heron_ms.workloads import Workload
from scripts.bench.harness import rows
from scripts.bench.harness.journal import Journal, Record
from scripts.bench.peers.libraries.kernel import Job, Kernel
from scripts.bench.tensorcore.speed import benchmark, made, stock
from scripts.bench.tensorcore.speed.contenders import OURS, STOCK

GEMM = "gemm-1024x1024x1024-kn-f16"


def _arguments(out: Path) -> Namespace:
    parser = ArgumentParser()
    benchmark.options(parser)
    arguments = parser.parse_args(["--only", GEMM])
    arguments.out = out
    return arguments


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is begun of a benchmark whose rows are made in this process, and where all are right.

    Stock has no program.
    """
    names: list[str] = []

    def searched(workload: Workload, gpu: str, trials: int, folder: Path) -> Record:
        names.append(f"stock {workload.name} {gpu} {trials}")
        return {"why": "none of 64 candidates compiles: no"}

    def makers(job: Job, ours: Any, of_stock: Any) -> Record:
        kernel = Kernel(lambda: None, lambda: job.expected, "float32")
        return {OURS: lambda: kernel, STOCK: of_stock}

    monkeypatch.setattr(benchmark, "_gpu", lambda: machine("a100"))
    monkeypatch.setattr(rows, "pool_of", ThreadPoolExecutor)
    monkeypatch.setattr(stock, "searched", searched)
    monkeypatch.setattr(made, "finished", lambda words, log: names.append(words[0]))
    monkeypatch.setattr(made, "makers", makers)
    monkeypatch.setattr(made, "seconds", lambda run: 1e-6)
    return names


def _clock(monkeypatch: pytest.MonkeyPatch, times: Iterable[float]) -> None:
    moments = iter(times)
    monkeypatch.setattr(rows, "monotonic", lambda: next(moments))


def test_a_search_counts_as_a_row_for_the_limit_and_is_kept(
    begun: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _clock(monkeypatch, (0, 0, 401))  # the limit is made, then looked at before each row
    told = benchmark.run(_arguments(tmp_path))
    assert begun == [f"stock {GEMM} a100 64"]
    assert not told.sound and "1 rows are left" in told.text
    begun.clear()
    _clock(monkeypatch, (0, 0, 0))
    told = benchmark.run(_arguments(tmp_path))
    assert begun == ["tune"]
    assert told.sound and f"{GEMM}, stock: none of 64 candidates compiles: no" in told.text


def test_a_search_that_was_begun_too_late_is_left(
    begun: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _clock(monkeypatch, (0, 401, 401))
    assert not benchmark.run(_arguments(tmp_path)).sound
    assert begun == []


def test_without_its_search_stock_is_said_to_be_missing(begun: list[str], tmp_path: Path) -> None:
    _, comparison = made.identities("a100", [GEMM], 64)
    row = made.made(comparison, tmp_path)
    assert row["problems"] == {STOCK: "its search has not ended"} and row["us"] == {OURS: 1.0}


def test_the_best_program_of_a_search_is_asked_for_where_there_is_one(
    begun: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    search, comparison = made.identities("a100", [GEMM], 64)
    Journal(tmp_path / "rows.jsonl").append(search | {"why": ""})
    asked: list[object] = []

    def best(*given: object) -> None:
        asked.extend(given)
        raise RuntimeError("whatever it is\nin two lines")

    monkeypatch.setattr(stock, "best", best)
    row = made.made(comparison, tmp_path)
    assert asked == [made.CASES[GEMM], "a100", tmp_path / "stock-64" / GEMM]
    assert row["problems"] == {STOCK: "RuntimeError: whatever it is"}
    assert row["us"] == {OURS: 1.0}
