"""Files that a command writes for its user."""

from __future__ import annotations

import sys
from pathlib import Path

from heron_ms.cli.parser import UsageError


def write_to(option: str, path: Path, text: str) -> None:
    """Write the file of an option, after all that is on the screen; raises `UsageError`."""
    sys.stdout.flush()
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{option} {path} cannot be written: {error.strerror}") from error
