"""Hooks of MkDocs: README, CONTRIBUTING and CHANGELOG are pages, and links between files hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

from scripts.site.links import DOCS, ROOT_PAGES, in_site

REPOSITORY = Path(__file__).parents[2]


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that lie at the top of the repository."""
    for name, page in ROOT_PAGES.items():
        text = (REPOSITORY / name).read_text()
        files.append(File.generated(config, page, content=in_site(text, name)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Let a page that lies in ``docs`` link to what lies at the top of the repository."""
    if page.file.src_uri in ROOT_PAGES.values():
        return markdown
    return in_site(markdown, str(DOCS / page.file.src_uri))
