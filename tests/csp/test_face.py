"""Other packages use the solver by its face, so that its rooms can be moved."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import heron_ms.csp

ROOT = Path(__file__).parents[2]
SOLVER = Path(heron_ms.csp.__file__).parent
PUBLIC = {"heron_ms.csp", "heron_ms.csp.meaning", "heron_ms.csp.picture"}


def imported(file: Path) -> Iterator[str]:
    """The modules that a file imports."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_nothing_reaches_behind_it() -> None:
    folders = (ROOT / name for name in ("heron_ms", "space_generators", "mutators", "scripts"))
    files = [file for folder in folders for file in folder.rglob("*.py")]
    behind = {
        f"{file.relative_to(ROOT)}: {module}"
        for file in files
        if SOLVER not in file.parents
        for module in imported(file)
        if module.startswith("heron_ms.csp.") and module not in PUBLIC
    }
    assert len(files) > 300 and not behind


def test_all_that_it_names_is_there() -> None:
    assert all(hasattr(heron_ms.csp, name) for name in heron_ms.csp.__all__)
