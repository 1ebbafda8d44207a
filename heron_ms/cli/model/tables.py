"""What the tables of models have in common."""

from __future__ import annotations

from typing import Literal

from rich.table import Table

WIDTH = 160
"""A line a task: the terminal may break it, the table may not."""

_LONGEST = 48

Side = Literal["left", "right"]


def columns(first: str, **others: Side) -> Table:
    """A table without lines: the name of what a row is about, then what is said of it."""
    table = Table(box=None, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for name, side in others.items():
        table.add_column(name.replace("_", " "), justify=side, no_wrap=side == "right")
    return table


def shortened(name: str) -> str:
    """The name of a task, which lists all that was fused, in a length that fits."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 10]}...{name[-7:]}"


def milliseconds(seconds: float | None) -> str:
    """A time, or a dash for none."""
    return "-" if seconds is None else f"{seconds * 1e3:.4f}"
