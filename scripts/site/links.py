"""Links between pages that lie at the top of the repository and pages that lie in ``docs``."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from posixpath import normpath, relpath

DOCS = PurePosixPath("docs")

ROOT_PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
"""Files at the top of the repository that are pages of the site, and the pages' names."""

LINK = re.compile(r"(?<=\]\()(?!\w+:|#)(?P<path>[^)#\s]+)(?P<anchor>#[^)\s]*)?(?=\))")
"""The target of a link or of a picture that is no URL and not within its page."""


def in_site(text: str, source: str) -> str:
    """The text of a file with its links as they are between the pages of the site.

    ``source`` is the path of the file in the repository. A link to a file that is not in the site
    stays as it is, so that a strict build refuses it.
    """
    page = _page(source) or source

    def written(match: re.Match[str]) -> str:
        named = normpath(str(PurePosixPath(source).parent / match["path"]))
        target = _page(named)
        if target is None:
            return match[0]
        return relpath(target, PurePosixPath(page).parent) + (match["anchor"] or "")

    return LINK.sub(written, text)


def _page(path: str) -> str | None:
    """Where a file of the repository is in the site; None for one that is not."""
    if path in ROOT_PAGES:
        return ROOT_PAGES[path]
    inside = PurePosixPath(path)
    return str(inside.relative_to(DOCS)) if inside.is_relative_to(DOCS) else None
