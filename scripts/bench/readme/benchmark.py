"""Writes the tables of README and of docs anew from what is kept in docs/measured.

    python -m scripts.bench readme

A table stands between `<!-- NAME -->` and `<!-- end -->`, with the CPU, the day and the commit
below it. Any benchmark that has a table there keeps what it measures, and writes its tables, if it
is given `--write-docs`. What the text says of the numbers is for people to write.
"""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from pathlib import Path

from scripts.bench.harness.paths import REPOSITORY
from scripts.bench.harness.report import Report
from scripts.bench.readme.stored import Measured
from scripts.bench.readme.tables import PUBLISHED, Published


def options(parser: ArgumentParser) -> None:
    """Where README and docs are."""
    add = parser.add_argument
    add("--root", type=Path, default=REPOSITORY, metavar="DIR",
        help="the folder that has README.md and docs (default: this repository)")  # fmt: skip


def run(arguments: Namespace) -> Report:
    """Writes the tables that there is data for. Raises SystemExit for one that is not marked."""
    return Report.of_table(("table", "of"), write_tables(arguments.root))


def write_tables(root: Path) -> list[tuple[str, str]]:
    """Writes them; the mark of each and the day that it is of, or that there is nothing kept."""
    return [(table.mark, _write(root, table)) for table in PUBLISHED]


def _write(root: Path, table: Published) -> str:
    measured = Measured.read(root, table.benchmark)
    if measured is None:
        return "nothing kept"
    file = root / table.file
    file.write_text(replaced(file.read_text(), table, lines_of(table, measured)))
    return measured.date


def lines_of(table: Published, measured: Measured) -> str:
    """What stands between the marks of a table."""
    return f"{table.markdown(measured.data)}\n\n{measured.source}"


def replaced(text: str, table: Published, lines: str) -> str:
    """The text with these lines between the marks of a table."""
    name = re.escape(table.mark)
    between = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not between.search(text):
        raise SystemExit(f"no table is marked <!-- {table.mark} -->")
    return between.sub(lambda marks: f"{marks[1]}{lines}\n{marks[2]}", text)
