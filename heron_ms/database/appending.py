"""What TVM appends to a file is looked at at once: TVM does not notice a full disk.

It does not write a checksum either, which is put behind the line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from io import FileIO
from pathlib import Path
from typing import Any

from heron_ms.database.files import FULL, content, reason, unwritable
from heron_ms.database.shape import hash_of
from heron_ms.database.text import Text


def appending_workload(database: Any) -> AbstractContextManager[None]:
    """Commit a workload inside. Raises `WorkDirError` where its file does not take it whole."""
    path = getattr(database, "path_workload", None)
    return nullcontext() if path is None else _appending(Path(path), _key_of_workload)


def appending_record(database: Any) -> AbstractContextManager[None]:
    """Commit a record inside. Raises `WorkDirError` where its file does not take it whole."""
    path = getattr(database, "path_tuning_record", None)
    if path is None:
        return nullcontext()
    return _appending(Path(path), lambda line: key_of_record(line, Path(database.path_workload)))


def key_of_record(line: bytes, workloads: Path) -> bytes | None:
    """The hash of a record's workload, which is in a file; None for what is no whole record."""
    number = Text.of(line[:-1]).number if line.endswith(b"\n") else None
    lines = content(workloads).split(b"\n")
    return None if number is None or number >= len(lines) else hash_of(lines[number])


def _key_of_workload(line: bytes) -> bytes | None:
    return None if line and not line.endswith(b"\n") else b""


@contextmanager
def _appending(path: Path, key_of: Callable[[bytes], bytes | None]) -> Iterator[None]:
    try:
        size = path.stat().st_size
        yield
        with FileIO(path, "r+") as file:
            file.seek(size)
            line = file.readall()
            key = key_of(line)
            if key is None:
                file.truncate(size)
                raise unwritable(path, FULL)
            if line:
                _sign(file, Text.of(line[:-1]).signed(key).checksum)
    except OSError as error:
        raise unwritable(path, reason(error)) from error


def _sign(file: FileIO, checksum: bytes) -> None:
    """Put a checksum in front of the last newline; where there is no space for it, leave that."""
    end = file.tell()
    try:
        file.seek(end - 1)
        written = file.write(checksum + b"\n")
    except OSError:
        written = 0
    if written <= len(checksum):
        file.seek(end - 1)
        file.write(b"\n")
        file.truncate(end)
