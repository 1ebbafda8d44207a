"""The help texts of the command line, as they are in a terminal of a hundred columns."""

from __future__ import annotations

import os
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from unittest.mock import patch

from heron_ms.cli.arguments.parser import build_parser
from scripts.site.marks import fenced

COLUMNS = "100"


def shown_help(words: str) -> str:
    """The help of a command, in a fenced block. Raises KeyError for one that is none."""
    return fenced("text", _parsers()[words])


def commands() -> list[str]:
    """Every command with a help of its own; operators, which are alike, by their first."""
    return list(_parsers())


def _parsers() -> dict[str, str]:
    with patch.dict(os.environ, {"COLUMNS": COLUMNS}):
        return dict(_walked("heron-ms", build_parser()))


def _walked(name: str, parser: ArgumentParser) -> Iterator[tuple[str, str]]:
    """The help of a parser and of those below it."""
    yield name, parser.format_help()
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            below = {id(made): (word, made) for word, made in reversed(action.choices.items())}
            chosen = list(reversed(below.values()))
            if name.endswith((" tune", " explain")):
                chosen = chosen[:1]
            for word, made in chosen:
                yield from _walked(f"{name} {word}", made)
