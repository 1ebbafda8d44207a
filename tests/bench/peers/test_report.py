"""The report: every table is rectangular, and what is missing is said."""

from __future__ import annotations

import re
from typing import Any

from scripts.bench.peers.figures import OURS, Figures
from scripts.bench.peers.picture import ALL, bars
from scripts.bench.peers.report import tables

FIGURES = Figures(("onednn", "onnxruntime"))


def record(name: str, times: dict[str, float], **more: Any) -> dict[str, Any]:
    results = {
        time: {"wall_us": us, "cpu_us": us, "result": "int32", "loop_us": us / 2}
        for time, us in times.items()
    }
    return {
        "case": name,
        "operator": name.partition("-")[0],
        "operations": 1000,
        "searches": {OURS: {"recorded": 8, "invalid": 0}, "stock/kn": {"problem": "nothing valid"}},
        "timing": {"results": results, "problems": {"onednn": "no such operator"}},
        **more,
    }


CASES = [
    record("gemm-1", {OURS: 1.0, "onednn": 2.0}),
    record("gemm-2", {OURS: 1.0, "onednn": 8.0, "onnxruntime": 4.0}),
    record("bmm-1", {OURS: 1.0, "onnxruntime": 0.5}),
    record("bmm-2", {}, timing={"problem": "crashed (SIGSEGV)"}),
]


def blocks(text: str) -> list[list[str]]:
    """The blocks of lines that are tables."""
    blocks = [block.splitlines() for block in text.split("\n\n")]
    return [block for block in blocks if block[0].startswith("|")]


def test_rows_have_as_many_cells_as_their_heads() -> None:
    found = blocks(tables(CASES, {"results": {}}, FIGURES, "heading"))
    assert len(found) == 3
    for table in found:
        assert len({line.count("|") for line in table}) == 1


def test_the_means_are_geometric_over_what_was_compared() -> None:
    text = tables(CASES, {}, FIGURES, "heading")
    (line,) = re.findall(r"^\| gemm \|.*$", text, re.MULTILINE)
    # Best peers: 2 and 4 times as slow; oneDNN: 2 and 8; ONNX Runtime: 4; stock: never.
    assert line == "| gemm | 2 | 2.83 | 2.83 | 2.83 | 4.00 | 4.00 | – |"
    assert "| nothing valid |  |  |  |  |  |  | 4 |" in text


def test_what_failed_is_named() -> None:
    text = tables(CASES, {}, FIGURES, "heading")
    assert "oneDNN: no such operator (3: gemm-1, gemm-2, bmm-1)" in text
    assert "timing: crashed (SIGSEGV) (1: bmm-2)" in text


def test_libraries_alone_need_no_search() -> None:
    alone = [{**case, "searches": {}} for case in CASES]
    (cases, _) = blocks(tables(alone, {}, FIGURES, "heading"))
    assert cases[0].startswith("| case | oneDNN µs | ONNX Runtime µs |")


def test_bars_are_relative_to_the_best_peer() -> None:
    heights = bars(CASES, FIGURES)
    assert heights[OURS]["bmm"] == 0.5
    assert heights["onnxruntime"]["gemm"] == 1.0
    assert heights["onednn"].keys() == {"gemm", ALL}
    assert "stock" not in heights
