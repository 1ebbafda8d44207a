"""The pages of the documentation, their links, their headings and their blocks of code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PAGES = (
    *(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((REPOSITORY / "docs").rglob("*.md")),
)

_FENCED = re.compile(r"^```(?P<language>[^\n]*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_LINK = re.compile(r"\]\((?!\w+:)(?P<path>[^)#\s]*)(?:#(?P<anchor>[^)\s]*))?\)")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page, and the number of its first line."""

    language: str
    text: str
    line: int


def ran(words: Sequence[str], where: Path) -> str:
    """What Python prints with these words, run in a folder of its own."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=where,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def name_of(page: Path) -> str:
    """The path of a page in the repository."""
    return page.relative_to(REPOSITORY).as_posix()


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text()
    for match in _FENCED.finditer(text):
        line = text.count("\n", 0, match.start("text")) + 1
        yield Block(match["language"].strip(), match["text"], line)


def prose(page: Path) -> str:
    """A page without its blocks."""
    return _FENCED.sub("", page.read_text())


def links(page: Path) -> Iterator[tuple[Path, str | None]]:
    """Where the links of a page lead within the repository, and to which anchor there."""
    for match in _LINK.finditer(prose(page)):
        target = page.parent / match["path"] if match["path"] else page
        yield target.resolve(), match["anchor"]


def anchors(page: Path) -> set[str]:
    """The anchors that the headings of a page have, on GitHub and in the site alike."""
    return {_slug(heading) for heading in _HEADING.findall(prose(page))}


def _slug(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", heading.replace("`", "")).strip().lower()
    return re.sub(r"[\s]", "-", kept)
