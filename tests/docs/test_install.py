"""Every extra of the package is told of, once."""

from __future__ import annotations

import re
from importlib import metadata

from tests.docs.pages import REPOSITORY


def test_extras() -> None:
    told = re.findall(r"^\| `(\w+)` \|", (REPOSITORY / "docs/install.md").read_text(), re.MULTILINE)
    declared = metadata.metadata("heron-ms").get_all("Provides-Extra")
    assert sorted(told) == sorted(declared or [])
