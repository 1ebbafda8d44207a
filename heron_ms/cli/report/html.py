"""Pieces of HTML: every text that comes from outside is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Markup:
    """What is HTML already."""

    text: str


Piece = str | float | Markup | None


def cell(value: Piece) -> str:
    """A value as a table shows it; a dash for what there is none of."""
    if value is None or value == "":
        return "–"
    return value.text if isinstance(value, Markup) else escape(str(value))


def table(columns: Sequence[str], rows: Iterable[Sequence[Piece]]) -> str:
    """A table in a box that scrolls; columns are marked by their first letter.

    ">": numbers, "@": long names, "*": text, "=": bars.
    """
    kinds = {">": ' class="n"', "*": ' class="wide"', "@": ' class="name"', "=": ' class="bars"'}
    classes = [kinds.get(name[:1], "") for name in columns]
    heads = [
        f"<th{kind}>{escape(name.lstrip('>*@='))}</th>"
        for name, kind in zip(columns, classes, strict=True)
    ]
    body = "".join(
        "<tr>"
        + "".join(f"<td{kind}>{cell(v)}</td>" for v, kind in zip(row, classes, strict=True))
        + "</tr>\n"
        for row in rows
    )
    return (
        f'<div class="scroll" tabindex="0"><table><thead><tr>{"".join(heads)}</tr></thead>\n'
        f"<tbody>{body}</tbody></table></div>"
    )


def section(title: str, *parts: str) -> str:
    """A box with a title; nothing without contents."""
    body = "\n".join(part for part in parts if part)
    return f"<section><h2>{escape(title)}</h2>\n{body}</section>\n" if body else ""


def facts(pairs: Iterable[tuple[str, Piece]]) -> str:
    """Names and values, a line each."""
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{cell(value)}</dd>" for name, value in pairs)
    return f"<dl>{lines}</dl>"


def bar(share: float) -> Markup:
    """A bar of which a share from 0 to 1 is filled."""
    return Markup(f'<div class="bar"><i style="width:{min(max(share, 0), 1):.1%}"></i></div>')
