"""Blocks of pages that a program writes: between ``<!-- KIND WORDS -->`` and ``<!-- end -->``.

The marks stand on lines of their own, or around words within a line.

Everything else of a page is for people to write.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

Writer = Callable[[str], str]
"""What stands in a block, given the words of its mark."""


@dataclass(frozen=True)
class Marked:
    """A block of a page: what wrote it, of what, and what it says."""

    kind: str
    words: str
    text: str


def marked(page: str, kinds: Mapping[str, Writer]) -> Iterator[Marked]:
    """The blocks of a page that one of ``kinds`` writes, in order."""
    for match in _pattern(kinds).finditer(page):
        yield Marked(match["kind"], match["words"], match["text"])


def rewritten(page: str, kinds: Mapping[str, Writer]) -> str:
    """A page with each of these blocks written anew."""

    def write(match: re.Match[str]) -> str:
        lines = match["lines"]
        text = kinds[match["kind"]](match["words"])
        return f"{match['mark']}{lines}{text}{lines}<!-- end -->"

    return _pattern(kinds).sub(write, page)


def fenced(language: str, text: str) -> str:
    """A block of code."""
    body = text.strip("\n")
    return f"```{language}\n{body}\n```"


def _pattern(kinds: Mapping[str, Writer]) -> re.Pattern[str]:
    kind = "|".join(map(re.escape, kinds))
    mark = rf"(?P<mark><!-- (?P<kind>{kind}) ?(?P<words>.*?) -->)"
    return re.compile(rf"{mark}(?P<lines>\n?)(?P<text>.*?)\n?<!-- end -->", re.DOTALL)
