"""Writes the tables of README from the data that the benchmarks left.

    python -m scripts.bench readme --data build

A table of README stands between `<!-- NAME -->` and `<!-- end -->`; where --data has NAME/NAME.json
it is written anew, and otherwise left as it is. What the text says of the numbers is for people to
write.
"""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser, Namespace
from pathlib import Path

from scripts.bench.harness.paths import REPOSITORY
from scripts.bench.harness.report import Report
from scripts.bench.readme.tables import PUBLISHED, Published


def options(parser: ArgumentParser) -> None:
    """Where the data is, and what is written."""
    add = parser.add_argument
    add("--data", type=Path, default=Path("build"), metavar="DIR",
        help="the folder of the benchmarks' folders (default %(default)s)")  # fmt: skip
    add("--file", type=Path, default=REPOSITORY / "README.md", metavar="FILE",
        help="which has the tables (default: README.md)")  # fmt: skip


def run(arguments: Namespace) -> Report:
    """Writes the tables that there is data for. Raises SystemExit for one that is not marked."""
    text, rows = arguments.file.read_text(), []
    for table in PUBLISHED:
        source = arguments.data / table.benchmark / f"{table.benchmark}.json"
        if source.is_file():
            text = replaced(text, table, table.markdown(json.loads(source.read_text())))
        rows.append((table.benchmark, "written" if source.is_file() else f"no {source}"))
    arguments.file.write_text(text)
    return Report.of_table(("table", "from the data"), rows)


def replaced(text: str, table: Published, lines: str) -> str:
    """The text with these lines between the marks of a table."""
    name = re.escape(table.benchmark)
    between = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=\n<!-- end -->)", re.DOTALL)
    if not between.search(text):
        raise SystemExit(f"no table is marked <!-- {table.benchmark} -->")
    return between.sub(lambda _: lines, text)
