"""The pictures are written where matplotlib is there, and asked for in one line where it is not."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from heron_ms.cli import main
from heron_ms.interstellar.nest.evaluate import evaluate
from heron_ms.interstellar.optimise.plot import draw_levels, draw_sweep
from heron_ms.interstellar.optimise.sweep import SweepPoint
from tests.interstellar.golden_cases import cases

HAS_MATPLOTLIB = find_spec("matplotlib") is not None


@pytest.mark.skipif(not HAS_MATPLOTLIB, reason="needs the extra [plot]")
def test_pictures(tmp_path: Path) -> None:
    case = cases()[0]
    draw_levels({"a": evaluate(case.layer, case.machine, case.mapping)}, tmp_path / "a.png")
    points = [SweepPoint((i, j), (2**i, 1024 * 2**j), None) for i in range(2) for j in range(3)]
    draw_sweep(points, tmp_path / "b.svg")
    assert (tmp_path / "a.png").stat().st_size > 1000
    assert (tmp_path / "b.svg").stat().st_size > 1000


@pytest.mark.skipif(HAS_MATPLOTLIB, reason="matplotlib is installed")
def test_what_is_missing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["eyeriss", "layer.json", "--plot", str(tmp_path / "a.png")]
    assert main(["dataflow", "explore", *arguments]) == 2
    assert "pip install 'heron-ms[plot]'" in capsys.readouterr().err
