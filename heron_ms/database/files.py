"""The files of a work directory's database, read as a whole and replaced as a whole."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from heron_ms.database.text import parts
from heron_ms.errors import WorkDirError

WORKLOADS, RECORDS = "database_workload.json", "database_tuning_record.json"
DAMAGED = "damaged.jsonl"
"""Beside them: the lines that could not be read, with the file, the line and the reason."""


@dataclass(frozen=True)
class Piece:
    """What stands in a line, numbered from 1, of a file."""

    file: str
    line: int
    text: bytes


FULL = "is the disk full?"
"""What a write that was cut short is told as."""


def pieces(folder: Path, name: str) -> list[Piece]:
    """What is in a file, line by line; nothing in one that is not there."""
    lines = enumerate(content(folder / name).split(b"\n"), 1)
    return [Piece(name, n, part) for n, line in lines for part in parts(line) if part.strip()]


def stamps(folder: Path) -> list[tuple[int, int]]:
    """What changes when one of the files does."""
    paths = [folder / name for name in (WORKLOADS, RECORDS, DAMAGED)]
    stats = [path.stat() for path in paths if path.exists()]
    return [(stat.st_mtime_ns, stat.st_size) for stat in stats]


def content(path: Path) -> bytes:
    """The bytes of a file; none where it is not there. Raises `WorkDirError`."""
    try:
        return path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise WorkDirError(f"{path} cannot be read ({reason(error)})") from error


def replace_file(path: Path, text: bytes) -> None:
    """Put a file in the place of another, all at once. Raises `WorkDirError`."""
    new = path.with_name(f"{path.name}.new")
    try:
        with new.open("wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise unwritable(path, reason(error)) from error


def unwritable(path: Path, why: str) -> WorkDirError:
    """The error for a file that cannot be written to."""
    return WorkDirError(f"{path} cannot be written to ({why}); what was measured before is kept")


def require_directory(path: Path) -> None:
    """Raise `WorkDirError` for a work directory that is there and is none."""
    if path.exists() and not path.is_dir():
        raise WorkDirError(f"the work directory {path} is a file: name a directory")


def reason(error: OSError) -> str:
    """Why the system refused."""
    return error.strerror or str(error)
