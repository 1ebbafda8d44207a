"""`heron-ms explain MODEL`: the tasks, their work, and what becomes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from heron_ms.cli import main
from tests.cli.model.nets import convolutions, words


def test_tasks_with_work_and_mapping(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    net = convolutions(tmp_path / "net.onnx")
    assert main(["explain", str(net), "--target", "cascadelake"]) == 0
    head, header, first, *_, last, left = capsys.readouterr().out.splitlines()
    assert head.startswith("net.onnx (x 1x3x8x8) on cascadelake")
    assert header.split() == ["task", "calls", "MOP", "share", "becomes"]
    # The second convolution: 2 x 8 x 8 x 16 x 16 x 9 operations.
    assert "0.295" in first and "avx512f.f32f32f32.16x1, lanes <- ff" in first
    assert last.startswith("tasks: ") and last.endswith("of that maps")
    assert left.startswith("permutations left: 2: transpose") and ", from x to " in left


def test_why_a_task_maps_to_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    net = words(tmp_path / "net.onnx")
    assert main(["explain", str(net)]) == 0
    out = capsys.readouterr().out
    assert "not an einsum (" in out and "(0 mapped to an intrinsic)" in out


def test_help_of_a_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "net.onnx", "--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("usage: heron-ms explain [-h]") and "MODEL" in text


def test_products_by_bfloat16_where_that_is_allowed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    net = convolutions(tmp_path / "net.onnx")
    words = ["explain", str(net), "--allow", "bf16", "--target"]
    assert main([*words, "znver4"]) == 0
    assert "avx512bf16.bf16bf16f32.16x2" in capsys.readouterr().out
    assert main([*words, "cascadelake"]) == 0
    out, err = capsys.readouterr()
    assert "bf16" not in out
    assert err.splitlines()[0] == (
        "heron-ms: --allow bf16: cascadelake has no instruction for it, products stay in float32"
    )
