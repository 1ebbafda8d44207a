"""The tables of README and docs are marked, and written from data as it stands there."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

import pytest

from scripts.bench.catalogue import ENTRIES
from scripts.bench.harness.paths import REPOSITORY
from scripts.bench.readme.benchmark import replaced, run
from scripts.bench.readme.tables import PUBLISHED, Published

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


def test_only_what_is_between_the_marks_is_replaced() -> None:
    text = "before\n<!-- some -->\nold\nlines\n<!-- end -->\nafter\n<!-- end -->\n"
    changed = replaced(text, TABLE, LINES)
    assert changed == f"before\n<!-- some -->\n{LINES}\n<!-- end -->\nafter\n<!-- end -->\n"
    with pytest.raises(SystemExit, match="some"):
        replaced("no marks", TABLE, LINES)


@pytest.mark.parametrize("table", PUBLISHED, ids=lambda table: table.mark)
def test_every_table_is_marked_and_of_a_benchmark(table: Published) -> None:
    assert table.benchmark in {entry.name for entry in ENTRIES}
    text = (REPOSITORY / table.file).read_text()
    marked = text.partition(f"<!-- {table.mark} -->\n")[2].partition("\n<!-- end -->")[0]
    head, *rows = marked.splitlines()
    assert head == f"| {' | '.join([table.heading, *table.columns])} |"
    assert len({row.count("|") for row in rows}) == 1


def test_what_has_no_data_is_left_alone(tmp_path: Path) -> None:
    (table,) = (table for table in PUBLISHED if table.benchmark == "ablation")
    record = {"strategy": "default", **dict.fromkeys(table.columns.values(), "0.123")}
    (tmp_path / "ablation").mkdir()
    (tmp_path / "ablation" / "ablation.json").write_text(json.dumps({"overall": [record]}))
    file = tmp_path / table.file
    file.parent.mkdir()
    before = (REPOSITORY / table.file).read_text()
    file.write_text(before)
    report = run(Namespace(data=tmp_path, root=tmp_path))
    assert [row["from the data"] for row in report.data].count("written") == 1
    assert file.read_text() == replaced(before, table, table.markdown({"overall": [record]}))
