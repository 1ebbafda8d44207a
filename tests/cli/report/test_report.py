"""`heron-ms report`: the numbers, the page itself, and what it refuses."""

from __future__ import annotations

import json
import re
import threading
from html import escape
from pathlib import Path

import pytest

from heron_ms.cli import main
from heron_ms.cli.report import command
from heron_ms.cli.report.summary import Summary
from heron_ms.events.file import NAME
from heron_ms.events.reading import read_events
from heron_ms.events.run import recorded
from tests.cli.report.events import FACTS, TASKS, unfinished, write, write_alone

pytest.importorskip("matplotlib")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path)
    return tmp_path


def _page(folder: Path) -> str:
    assert main(["report", str(folder)]) == 0
    return (folder / "report.html").read_text()


def test_numbers(folder: Path) -> None:
    summary = Summary.of(read_events(folder))
    first, second = summary.tasks
    assert (first.name, first.calls, first.first, first.best) == ("matmul<1>", 4, 4e-3, 2e-3)
    assert (first.tried, first.failed, first.sketches) == (4, 1, 1)
    assert first.gops == pytest.approx(2**20 / 2e-3 / 1e9)
    assert (first.roof, second.roof) == (700.0, 90.0)
    assert summary.best == pytest.approx(5 * 2e-3) and summary.first == pytest.approx(5 * 4e-3)
    assert [(f.kind, f.count) for f in summary.failures] == [("run", 2)]
    assert summary.phases["search"] == pytest.approx(30 - 8 - 0.8)
    # Of the second task the first program counts until it is measured, then its best so far.
    whole = [point.seconds * 1e3 for point in summary.points]
    assert whole == pytest.approx([20, 20, 16 / 3 + 4, 8, 8, 8, 4 + 4 / 3, 5])


def test_the_page_needs_nothing_else(folder: Path) -> None:
    page = _page(folder)
    assert len(page) < 2_000_000
    assert not re.search(r"https?:|//[a-z]|@import|<script|<link|src=|url\((?!#)", page)
    for name in TASKS:
        assert escape(name) in page
    assert "<max>" not in page and "Segmentation &lt;fault&gt;" in page
    assert page.count("<svg") == page.count("</svg>") == 2
    assert 'http-equiv="refresh"' not in page
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert {*re.findall(r'(?:href="|url\()#([^")]+)', page)} <= set(ids)


def test_json_has_the_same(folder: Path) -> None:
    _page(folder)
    record = json.loads((folder / "report.json").read_text())
    assert [task["name"] for task in record["tasks"]] == list(TASKS)
    assert record["best_seconds"] == pytest.approx(0.01)
    assert record["runs"][0]["how"] == "finished" and record["check"]["passed"]
    assert record["tasks"][0]["share_of_roof"] == pytest.approx(record["tasks"][0]["gops"] / 700)


def test_a_run_that_goes_on_loads_itself_again(folder: Path) -> None:
    unfinished(folder)
    assert '<meta http-equiv="refresh" content="5">' in _page(folder)
    with recorded(folder, **FACTS):
        pass
    assert [run["how"] for run in Summary.of(read_events(folder)).runs] == ["killed", "finished"]


def test_it_follows_a_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = (folder / NAME).read_text()
    unfinished(folder)
    monkeypatch.setattr(command, "PAUSE", 0.05)
    timer = threading.Timer(0.5, lambda: (folder / NAME).write_text(whole))
    timer.start()
    assert main(["report", str(folder), "--follow"]) == 0
    timer.join()
    assert "refresh" not in (folder / "report.html").read_text()


def test_before_the_first_candidate(tmp_path: Path) -> None:
    with recorded(tmp_path, **FACTS):
        pass
    assert "net.onnx" in _page(tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "has no events.jsonl: name the work directory of a run"),
        ("", "holds no event yet"),
        ("null\n", "line 1 is no event"),
        ('{"version": 9, "event": "run", "run": "", "time": 0}\n', "is of version 9"),
        ('{"version": 1, "event": "task", "run": "", "time": 0}\n', "has no run"),
    ],
)
def test_what_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, words: str
) -> None:
    if content is not None:
        (tmp_path / NAME).write_text(content)
    assert main(["report", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert words in said and said.count("\n") == 1


def test_an_output_that_cannot_be(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(folder), "-o", str(folder)]) == 2
    assert "is a directory" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("report.json", "must end in .html: the JSON beside it has the same name"),
        ("report", "must end in .html"),
        ("model.html", "model.json is what a run keeps: name another file"),
    ],
)
def test_an_output_that_would_replace_something(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, words: str
) -> None:
    (folder / "model.json").write_text("{}")
    assert main(["report", str(folder), "-o", str(folder / name)]) == 2
    said = capsys.readouterr().err
    assert words in said and said.count("\n") == 1
    assert (folder / "model.json").read_text() == "{}"


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--help"]) == 0
    said = capsys.readouterr().out
    assert "--follow" in said and "heron-ms report build/models/cls" in said


def test_a_kernel_alone(tmp_path: Path) -> None:
    """Each candidate is seen, and an axis has numbers, also without a roof."""
    write_alone(tmp_path, trials=9)
    assert main(["report", str(tmp_path)]) == 0
    text = (tmp_path / "report.html").read_text()
    assert "no peak was measured" in text and "The solid line" not in text
    assert "what each\ncandidate took" in text
    points = json.loads((tmp_path / "report.json").read_text())["convergence"]
    assert [point["tried"] is None for point in points] == [number == 1 for number in range(9)]
    roofline = text.partition('aria-label="roofline"')[2].partition("</svg>")[0]
    assert len(re.findall(r'id="roofline-ytick_\d+"', roofline)) >= 2
