"""The directory of a run: its database, which survives a killed process, and its lock."""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from heron_ms._tvm import ms
from heron_ms.errors import WorkDirError

logger = logging.getLogger(__name__)


def open_database(work_dir: str, module_equality: str = "structural") -> Any:
    """The JSON database of a work directory, made if it is not there.

    Raises `WorkDirError`, naming the directory and the reason, if it cannot be.
    """
    path = _directory(work_dir)
    try:
        _drop_torn_line(path / "database_tuning_record.json")
        return ms.database.JSONDatabase(work_dir=str(path), module_equality=module_equality)
    except Exception as error:  # TVM reports a bad line as one of several internal errors
        reason = str(error).strip().splitlines()[-1]
        raise WorkDirError(
            f"the database in {path} is broken ({reason}): repair or move away database_*.json"
        ) from error


def _directory(work_dir: str) -> Path:
    path = Path(work_dir)
    if path.exists() and not path.is_dir():
        raise WorkDirError(f"the work directory {path} is a file: name a directory")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkDirError(f"the work directory {path} cannot be made: {error}") from error
    return path


def _drop_torn_line(path: Path) -> None:
    """Cut a record that a killed process did not finish writing; all others end in a newline."""
    content = path.read_bytes() if path.is_file() else b""
    whole, last = content[: content.rfind(b"\n") + 1], content[content.rfind(b"\n") + 1 :]
    # Anything but the start of a record is no torn record but a broken file.
    if last.startswith(b"["):
        path.write_bytes(whole)
        logger.warning("%s: dropped its last record, which was cut short", path)


@contextmanager
def locked(work_dir: str) -> Iterator[None]:
    """The work directory for this process alone: two would number their workloads alike.

    Raises `WorkDirError` where another process has it, or it cannot be written to.
    """
    try:
        lock = (_directory(work_dir) / "lock").open("w")
    except OSError as error:
        raise WorkDirError(f"{work_dir} cannot be written to: {error}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise WorkDirError(
                f"{work_dir} is in use by another run: wait or name another"
            ) from error
        yield
