"""What a command prints, and the files that it writes for its user."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console

from heron_ms.errors import UsageError


class Output(Console):
    """A console that leaves it to the command what to do when its reader has seen enough."""

    def on_broken_pipe(self) -> None:
        """Raise again what is being handled; rich would exit with 1."""
        raise


def write_to(option: str, path: Path, text: str) -> None:
    """Write the file of an option, after all that is on the screen; raises `UsageError`."""
    sys.stdout.flush()
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{option} {path} cannot be written: {error.strerror}") from error
