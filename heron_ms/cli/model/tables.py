"""What the tables of models have in common."""

from __future__ import annotations

import sys
from typing import Literal

from rich.table import Table

from heron_ms.cli.terminal.output import Output

_WIDTH = 180
"""Columns in a file or a pipe: there a task is a line, as far as that goes."""

_WIDE = 120
"""Columns of a terminal that has room for long names."""

_LONGEST, _NARROW = 48, 26
"""Characters of a task's name there, and on narrower terminals."""

Side = Literal["left", "right"]


def output() -> Output:
    """Where tables are printed: as wide as the terminal, if it is one."""
    return Output() if sys.stdout.isatty() else Output(width=_WIDTH)


def columns(first: str, **others: Side) -> Table:
    """A table without lines: the name of what a row is about, then what is said of it."""
    table = Table(box=None, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for name, side in others.items():
        table.add_column(name.replace("_", " "), justify=side, no_wrap=side == "right")
    return table


def shortened(name: str) -> str:
    """The name of a task, which lists all that was fused, in a length that fits."""
    longest = _LONGEST if output().width >= _WIDE else _NARROW
    return name if len(name) <= longest else f"{name[: longest - 10]}...{name[-7:]}"


def milliseconds(seconds: float | None) -> str:
    """A time, or a dash for none."""
    return "-" if seconds is None else f"{seconds * 1e3:.4f}"
