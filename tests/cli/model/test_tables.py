"""The tables of models fit the terminal that they are printed on."""

from __future__ import annotations

import re
import sys

import pytest

from heron_ms.cli.model.tables import columns, output, shortened

NAME = "fused_conv2d36_add35_add36_maximum8_minimum8_multiply16_divide8"
MAPPING = "avx512f.f32f32f32.16x1, lanes <- xx, outside nn ff yy rc ry rx; waste 1.00"


@pytest.mark.parametrize("width", [80, 100, 140])
def test_as_wide_as_the_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))
    table = columns("task", calls="right", MOP="right", share="right", becomes="left")
    table.add_row(shortened(NAME), "12", "1234.567", "100.0%", MAPPING)
    output().print(table)
    text = re.sub("\x1b\\[[0-9;]*m", "", capsys.readouterr().out)
    assert max(map(len, text.splitlines())) <= width
    assert "1234.567" in text and "100.0%" in text and "divide8" in text
    told = text.split("becomes")[1].replace("100.0%", "").split("1234.567")[1]
    assert told.split() == MAPPING.split()


def test_a_line_a_task_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    table = columns("task", becomes="left")
    table.add_row(shortened(NAME), MAPPING)
    output().print(table)
    [_, line] = capsys.readouterr().out.splitlines()
    assert line.split(maxsplit=1) == [shortened(NAME), MAPPING] and len(shortened(NAME)) == 48
