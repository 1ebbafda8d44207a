"""Writes the tables of README and of docs from the data that the benchmarks left.

    python -m scripts.bench readme --data build

A table stands between `<!-- NAME -->` and `<!-- end -->`; where --data has NAME/NAME.json
it is written anew, and otherwise left as it is. What the text says of the numbers is for people to
write.
"""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from scripts.bench.harness.paths import REPOSITORY
from scripts.bench.harness.report import Report
from scripts.bench.readme.tables import PUBLISHED, Published


def options(parser: ArgumentParser) -> None:
    """Where the data is, and what is written."""
    add = parser.add_argument
    add("--data", type=Path, default=Path("build"), metavar="DIR",
        help="the folder of the benchmarks' folders (default %(default)s)")  # fmt: skip
    add("--root", type=Path, default=REPOSITORY, metavar="DIR",
        help="the folder that has README.md and docs (default: this repository)")  # fmt: skip


def run(arguments: Namespace) -> Report:
    """Writes the tables that there is data for. Raises SystemExit for one that is not marked."""
    rows = []
    for table in PUBLISHED:
        source = arguments.data / table.benchmark / f"{table.benchmark}.json"
        if source.is_file():
            _write(arguments.root / table.file, table, json.loads(source.read_text()))
        rows.append((table.mark, "written" if source.is_file() else f"no {source}"))
    return Report.of_table(("table", "from the data"), rows)


def _write(file: Path, table: Published, data: Any) -> None:
    file.write_text(replaced(file.read_text(), table, table.markdown(data)))


def replaced(text: str, table: Published, lines: str) -> str:
    """The text with these lines between the marks of a table."""
    name = re.escape(table.mark)
    between = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=\n<!-- end -->)", re.DOTALL)
    if not between.search(text):
        raise SystemExit(f"no table is marked <!-- {table.mark} -->")
    return between.sub(lambda _: lines, text)
