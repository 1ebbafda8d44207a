"""`heron-ms explain` for machines that are not here."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from heron_ms.cli import main


def _output(capsys: pytest.CaptureFixture[str], line: str) -> str:
    assert main(line.split()) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("machine", ["cascadelake", "znver4", "icelake-server"])
def test_a_machine_that_is_not_here(capsys: pytest.CaptureFixture[str], machine: str) -> None:
    text = _output(capsys, f"explain gemm 64 64 64 --target {machine}")
    assert f"machine {machine}" in text
    assert "block C: vnni.u8s8s32.16x4, lanes <- j, depth <- k, outside i; waste 1.00" in text
    assert "C.i.0 * C.i.1 * C.i.2 * C.i.3 = 64  [C1]" in text
    assert re.search(r"^solutions: [\d,]+$", text, re.MULTILINE)


def test_tiles_come_before_vectors(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = _output(capsys, "explain gemm 64 64 64 --target sapphirerapids --sketch all")
    assert "block C: amx.u8s8s32.16x16x64, rows <- i, lanes <- j, depth <- k" in text


def test_sketches_say_what_they_choose(capsys: pytest.CaptureFixture[str]) -> None:
    text = _output(capsys, "explain gemm 17 500 33 --target cascadelake --sketch all")
    lines = [line for line in text.splitlines() if re.match(r" +\d+ +\d+ +\d+ ", line)]
    assert all("padded to" in line and "B copied" in line for line in lines)
    assert len(lines) == len(re.findall(r"^sketch \d+: ", text, re.MULTILINE)) > 1


def test_a_packed_weight_is_read_in_place(capsys: pytest.CaptureFixture[str]) -> None:
    text = _output(capsys, "explain gemm 64 64 64 --weight packed --target cascadelake")
    assert "bytes copied: none" in text and "B read in place" in text


def test_why_there_is_no_intrinsic(capsys: pytest.CaptureFixture[str]) -> None:
    text = _output(capsys, "explain gemm 64 64 64 --target x86-64")
    assert "block C: dtype (no intrinsic of this machine takes uint8 x int8 -> int32)" in text
    assert "MetaSchedule's own tiling" in text


def test_an_estimate_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from heron_ms.cli.explain.command import solutions
    from heron_ms.csp import Problem, Variable

    problem = Problem([Variable("a", range(1, 5))], [])
    assert solutions(problem) == "4"
    monkeypatch.setattr(Problem, "count", lambda self: None)
    assert solutions(problem) == "about 4 (estimate)"


def test_what_clashes(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from heron_ms.cli.explain import sketches
    from heron_ms.constraints import constrain
    from heron_ms.csp import Le

    def impossible(*arguments: Any) -> Any:
        found = constrain(*arguments)
        problem = found.problem.with_constraints(Le("C.registers.bytes", 10, rule="C5"))
        return dataclasses.replace(found, problem=problem)

    monkeypatch.setattr(sketches, "constrain", impossible)
    text = _output(capsys, "explain gemm 64 64 64 --target cascadelake")
    assert "solutions: none, because these clash:\n" in text
    assert "  C.registers.bytes <= 10  [C5]" in text


def test_a_sketch_is_drawn(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    line = "explain gemm 64 64 64 --target cascadelake --plot"
    picture = tmp_path / "csp.svg"
    assert f"{picture}: a picture of sketch 0" in _output(capsys, f"{line} {picture}")
    text = picture.read_text()
    assert text.startswith("<svg") and "C.registers.bytes" in text and "≤ 2048" in text


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("csp.png", "--plot writes SVG: name a file that ends in .svg, not csp.png"),
        ("csp.svg --sketch all", "--plot draws one sketch: name it with --sketch"),
        ("nowhere/csp.svg", "the directory nowhere does not exist"),
    ],
)
def test_a_picture_that_cannot_be(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: str,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    line = f"explain gemm 64 64 64 --target cascadelake --plot {options}"
    assert main(line.split()) == 2
    assert words in capsys.readouterr().err
