"""Writes the blocks of README and docs that programs write: ``python -m scripts.site``."""

from __future__ import annotations

from pathlib import Path

from scripts.site.blocks import KINDS
from scripts.site.marks import rewritten

REPOSITORY = Path(__file__).parents[2]


def main() -> None:
    """Write them anew, and say in which pages something changed."""
    for page in [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]:
        before = page.read_text()
        after = rewritten(before, KINDS)
        if after != before:
            page.write_text(after)
            print(page.relative_to(REPOSITORY))


if __name__ == "__main__":
    main()
