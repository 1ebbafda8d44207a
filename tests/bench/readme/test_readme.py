"""The tables of README and docs are marked, and stand there as what was measured says."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path
from shutil import copyfile

import pytest

from scripts.bench import command
from scripts.bench.catalogue import ENTRIES
from scripts.bench.command import main
from scripts.bench.harness.benchmark import Entry
from scripts.bench.harness.paths import REPOSITORY
from scripts.bench.harness.report import Report
from scripts.bench.readme.benchmark import lines_of, replaced, run
from scripts.bench.readme.stored import FOLDER, Measured
from scripts.bench.readme.tables import PUBLISHED, Published, published

TABLE = Published(
    "some", "some", "overall", "who", {"a": "after 1"}, {"x": "`x`", "y": "the other"}
)
DATA = {
    "overall": [
        {"strategy": "y", "after 1": "0.5"},
        {"strategy": "x", "after 1": "0.9"},
        {"strategy": "unpublished", "after 1": "0"},
    ]
}
LINES = "| who | a |\n| --- | ---: |\n| `x` | 0.9 |\n| the other | 0.5 |"


def test_a_table_has_the_published_rows_and_columns() -> None:
    assert TABLE.markdown(DATA) == LINES


def test_without_titles_every_row_is_there() -> None:
    table = Published("some", "some", "overall", "who", {"a": "after 1"})
    records = [{"who": "same", "after 1": "1"}, {"who": "same", "after 1": "2"}]
    assert table.markdown({"overall": records}).endswith("| same | 1 |\n| same | 2 |")
    first = replace(table, titles={"same": "same"})
    assert first.markdown({"overall": records}).endswith("---: |\n| same | 1 |")


@pytest.mark.parametrize("old", ["old\nlines\n", ""])
def test_only_what_is_between_the_marks_is_replaced(old: str) -> None:
    text = f"before\n<!-- some -->\n{old}<!-- end -->\nafter\n<!-- end -->\n"
    changed = replaced(text, TABLE, LINES)
    assert changed == f"before\n<!-- some -->\n{LINES}\n<!-- end -->\nafter\n<!-- end -->\n"
    with pytest.raises(SystemExit, match="some"):
        replaced("no marks", TABLE, LINES)


@pytest.mark.parametrize("table", PUBLISHED, ids=lambda table: table.mark)
def test_every_table_is_marked_and_as_measured(table: Published) -> None:
    assert table.benchmark.partition("+")[0] in {entry.name for entry in ENTRIES}
    measured = Measured.read(REPOSITORY, table.benchmark)
    assert measured is not None
    text = (REPOSITORY / table.file).read_text()
    assert replaced(text, table, lines_of(table, measured)) == text
    assert all((measured.cpu, measured.date, measured.commit, measured.command))


def _copied(root: Path) -> None:
    """The files with tables and what was measured, in another folder."""
    for name in {table.file for table in PUBLISHED}:
        (root / name).parent.mkdir(exist_ok=True, parents=True)
        copyfile(REPOSITORY / name, root / name)
    (root / FOLDER).mkdir()
    for file in (REPOSITORY / FOLDER).iterdir():
        copyfile(file, root / FOLDER / file.name)


def test_what_has_no_data_is_left_alone(tmp_path: Path) -> None:
    _copied(tmp_path)
    before = (tmp_path / "docs/results.md").read_text()
    ablation, others = Measured.read(tmp_path, "ablation"), (tmp_path / FOLDER).iterdir()
    assert ablation is not None
    for file in list(others):
        file.unlink()
    [record, *_] = ablation.data["overall"]
    record["after 32"] = "0.123"
    replace(ablation, cpu="another").keep(tmp_path)
    report = run(Namespace(root=tmp_path))
    assert [row["of"] for row in report.data].count("nothing kept") == len(PUBLISHED) - 1
    after = (tmp_path / "docs/results.md").read_text()
    changed = [
        new for old, new in zip(before.split("\n"), after.split("\n"), strict=True) if old != new
    ]
    assert len(changed) == 2
    assert "| 0.123 |" in changed[0] and changed[1].startswith("*another, ")


class Peers:
    """Stands for the benchmark of that name."""

    def options(self, parser: ArgumentParser) -> None:
        parser.add_argument("--trials", type=int)

    def run(self, arguments: Namespace) -> Report:
        measured = Measured.read(REPOSITORY, "peers")
        assert measured is not None
        rows = [{**row, "best peer": "9.99"} for row in measured.data["means"]]
        return Report("text", {"means": rows, "cases": ["not published"]})


def test_a_benchmark_writes_its_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _copied(tmp_path)
    monkeypatch.setattr(command, "REPOSITORY", tmp_path)
    entries = [Entry("peers", "speeds", Peers)]
    words = ["peers", "--trials", "3", "--out", str(tmp_path / "out")]
    assert main(words, entries) == 0
    assert "9.99" not in (tmp_path / "README.md").read_text()
    assert main([*words, "--write-docs"], entries) == 0
    kept = Measured.read(tmp_path, "peers")
    assert kept is not None and list(kept.data) == ["means"]
    assert kept.command == "python -m scripts.bench peers --trials 3 --write-docs"
    assert len(kept.commit) >= 7 and kept.cpu
    for name in ("README.md", "docs/results.md"):
        text = (tmp_path / name).read_text()
        assert "| 9.99 |" in text and kept.source in text


def test_a_run_with_other_options_has_tables_of_its_own(tmp_path: Path) -> None:
    assert published("models")[0] == "models" and "models+zero" in published("models")
    assert published("figure12") == ["figure12"]
    data = {"times": ["a row"], "means": []}
    kept = Measured.now("models", ["--rounds", "5"], data, "models+zero")
    kept.keep(tmp_path)
    assert Measured.read(tmp_path, "models+zero") == kept and kept.data == {"times": ["a row"]}
    assert Measured.read(tmp_path, "models") is None
    assert kept.command == "python -m scripts.bench models --rounds 5"


def test_what_another_benchmark_measures_is_refused(tmp_path: Path) -> None:
    words = ["peers", "--out", str(tmp_path), "--write-docs", "models+stock"]
    with pytest.raises(SystemExit):
        main(words, [Entry("peers", "-", Peers)])


def test_only_what_is_published_asks_for_it(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["other", "--write-docs", "--out", str(tmp_path)], [Entry("other", "-", Peers)])
