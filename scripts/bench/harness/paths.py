"""Where this repository lies, for processes that import it by name."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]


def add_to_path(folder: Path, environment: MutableMapping[str, str] = os.environ) -> None:
    """Puts a folder first among those that a Python process with this environment imports from."""
    folders = environment.get("PYTHONPATH", "").split(os.pathsep)
    kept = [known for known in folders if known not in ("", str(folder))]
    environment["PYTHONPATH"] = os.pathsep.join([str(folder), *kept])
