"""The comparison on a GPU, as far as it goes without one: cases, options, tables of made rows."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

import numpy as np
import pytest

from heron_ms.hardware import driver, machine
from heron_ms.hardware.description import only
from heron_ms.hardware.driver import Gpu
from heron_ms.hardware.tensorcore import TensorCore
from heron_ms.measure.tensorcore import runtime, toolchain
from scripts.bench.harness.journal import Journal, Record
from scripts.bench.peers.libraries.kernel import Array, Job, Kernel
from scripts.bench.tensorcore.speed import benchmark
from scripts.bench.tensorcore.speed.contenders import LIBRARY, OURS, STOCK, TRITON
from scripts.bench.tensorcore.speed.made import CASES, identities
from scripts.bench.tensorcore.speed.table import HEAD, report

A100, H200 = (only(TensorCore, machine(name), "GPU") for name in ("a100", "h200"))
GEMM, BMM = "gemm-1024x1024x1024-kn-f16", "bmm-12x512x64x512-kn-f16"


def _row(case: str, **us: float) -> Record:
    named = {"ours": OURS, "stock": STOCK, "library": LIBRARY, "triton": TRITON}
    times = {named[name]: time for name, time in us.items()}
    return {"case": case, "us": times, "problems": {}, "operations": CASES[case].operations}


def _arguments(out: Path, *words: str) -> Namespace:
    parser = ArgumentParser()
    benchmark.options(parser)
    arguments = parser.parse_args(words)
    arguments.out = out
    return arguments


def test_without_a_gpu_it_ends_in_a_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(driver, "gpu", lambda: None)
    with pytest.raises(SystemExit, match="nothing can be measured on a GPU.*no GPU") as ended:
        benchmark.run(_arguments(tmp_path))
    assert "\n" not in str(ended.value)  # which is no number, so the status is 1


def test_with_a_gpu_that_tvm_does_not_find_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(driver, "gpu", lambda: Gpu("NVIDIA H200", 90))
    monkeypatch.setattr(toolchain, "require", lambda gpu: None)
    monkeypatch.setattr(runtime, "loading", lambda: lambda: False)
    with pytest.raises(SystemExit, match="h200 is here, but"):
        benchmark.run(_arguments(tmp_path))


def test_ratios_are_to_the_faster_library_and_means_are_geometric() -> None:
    made = [_row(GEMM, ours=10, library=20, triton=40), _row(BMM, ours=10, library=20, triton=5)]
    data = report(A100, made, left=0).data
    assert [row["ratio"] for row in data["rows"]] == ["2.00", "0.50"]
    means = {row["operator"]: row for row in data["means"]}
    assert means["all"]["ratio"] == "1.00" and means["all"]["cases"] == 2
    assert means["gemm"]["ratio"] == "2.00"
    assert tuple(data["rows"][0]) == HEAD


def test_the_ratio_to_stock_is_one_of_its_own() -> None:
    """However fast stock is, the other ratio is to libraries."""
    made = [_row(GEMM, ours=10, stock=80), _row(BMM, ours=10, stock=5, library=20)]
    first, second = report(A100, made, left=0).data["rows"]
    assert (first["ratio"], first["ratio to stock"]) == ("-", "8.00")
    assert (second["ratio"], second["ratio to stock"]) == ("2.00", "0.50")
    means = {row["operator"]: row for row in report(A100, made, left=0).data["means"]}
    assert (means["all"]["ratio"], means["all"]["ratio to stock"]) == ("2.00", "2.00")


def test_stock_without_a_program_is_told_and_sound() -> None:
    why = "none of 64 candidates compiles: and why not"
    told = report(A100, [{**_row(GEMM, ours=10, library=20), "problems": {STOCK: why}}], left=0)
    assert told.sound and f"{GEMM}, stock: {why}" in told.text
    [row] = told.data["rows"]
    assert (row["stock, us"], row["ratio to stock"], row["ratio"]) == ("-", "-", "2.00")


@pytest.mark.parametrize(("gpu", "part"), [(A100, 1.0), (H200, 0.6)])
def test_the_share_is_that_of_the_rate_of_mma_sync(gpu: TensorCore, part: float) -> None:
    least = CASES[GEMM].operations / (gpu.peak * part) * 1e6
    [row] = report(gpu, [_row(GEMM, ours=4 * least)], left=0).data["rows"]
    assert row["of mma.sync"] == "25.0%"
    assert row["ratio"] == "-"


def test_what_is_missing_is_told_and_is_not_sound() -> None:
    whole = _row(GEMM, ours=10, library=20)
    assert report(A100, [whole], left=0).sound
    assert not report(A100, [whole], left=3).sound
    assert "3 rows are left" in report(A100, [whole], left=3).text
    wrong = {**_row(BMM, library=20), "problems": {OURS: "wrong result"}}
    told = report(A100, [whole, wrong], left=0)
    assert not told.sound and f"{BMM}, {OURS}: wrong result" in told.text
    assert not report(A100, [{"case": BMM, "failure": "the process crashed"}], left=0).sound


def test_finished_rows_are_not_made_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(benchmark, "_gpu", lambda: A100)
    for identity in identities("a100", (GEMM, BMM), 64):
        row = _row(identity["case"], ours=10, library=20)
        Journal(tmp_path / "rows.jsonl").append(identity | row)
    told = benchmark.run(_arguments(tmp_path, "--only", GEMM, "--only", BMM))
    assert told.sound and {row["case"] for row in told.data["rows"]} == {GEMM, BMM}


@pytest.mark.parametrize(("dtype", "off", "right"), [
    (np.float16, 0.0, True), (np.float32, 0.0, True), (np.float32, 0.1, False),
    (np.float16, np.nan, False),
])  # fmt: skip
def test_results_are_compared(
    dtype: type, off: float, right: bool, rng: np.random.Generator
) -> None:
    workload = CASES["gemv-512x16-kn-f16"]
    a, b = workload.random_inputs(rng)
    exact = workload.reference(a, b)
    output: Array = (exact + off).astype(dtype)
    kernel = Kernel(lambda: None, lambda: output, str(output.dtype))
    assert kernel.right(Job(workload, a, b, exact)) == right
