"""The directory of a run: its database, which survives a killed process, and its lock."""

from __future__ import annotations

import fcntl
import json
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
        for name in ("database_workload.json", "database_tuning_record.json"):
            _mend(path / name)
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


def _mend(path: Path) -> None:
    """Cut a last line that a killed process did not finish writing, or end it with a newline.

    Empty lines go too, which TVM does not survive.
    """
    content = path.read_bytes() if path.is_file() else b""
    *lines, last = content.split(b"\n")
    kept = [*(each for each in lines if each.strip()), *_whole(last)]
    mended = b"\n".join([*kept, b""]) if kept else b""
    if mended != content:
        path.write_bytes(mended)
        logger.warning("%s: mended empty lines, or a last one that was cut short", path)


def _whole(last: bytes) -> list[bytes]:
    """What follows the last newline, unless it is the start of an entry and no more."""
    try:
        json.loads(last)
    except ValueError:
        # Anything but the start of an entry is no torn one but a broken file.
        return [last] if last.strip() and not last.startswith(b"[") else []
    return [last]


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
