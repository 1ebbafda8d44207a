"""Writes what programs write and draw for README and docs: ``python -m scripts.site``."""

from __future__ import annotations

from pathlib import Path

from scripts.site.blocks import KINDS
from scripts.site.marks import rewritten
from scripts.site.pictures import PICTURES

REPOSITORY = Path(__file__).parents[2]


def main() -> None:
    """Write it anew, and say which files changed."""
    for page in [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]:
        _replace(page, rewritten(page.read_text(), KINDS))
    for name, draw in PICTURES.items():
        _replace(REPOSITORY / name, draw())


def _replace(file: Path, text: str) -> None:
    if not file.exists() or file.read_text() != text:
        file.write_text(text)
        print(file.relative_to(REPOSITORY))


if __name__ == "__main__":
    main()
