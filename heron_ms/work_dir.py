"""The directory of a run: its database, which survives a killed process, and its lock."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import get_ident
from typing import Any

from heron_ms._tvm import ms
from heron_ms.database.aside import whole_ones
from heron_ms.database.files import reason, require_directory, stamps
from heron_ms.database.mending import is_sound, is_written, mend
from heron_ms.database.reading import read
from heron_ms.errors import WorkDirError
from heron_ms.measure.records import module_of

_ours: dict[Path, int] = {}
"""The directories that this process has for itself, and which of its threads took them."""


def open_database(
    work_dir: str, module_equality: str = "structural", programs: Sequence[Any] = ()
) -> Any:
    """The JSON database of a work directory, made if it is not there.

    TVM gets to see only lines that are whole. Others are moved to ``damaged.jsonl`` in the
    directory, with a warning that names them, and are taken back when they can be used again: a
    record whose workload was lost, when that is among the ``programs``.

    Raises `WorkDirError`, naming the directory and the reason, if it cannot be opened.
    """
    path = _directory(work_dir)
    database = _opened(path, module_equality)
    missing = [mod for mod in map(module_of, programs) if not database.has_workload(mod)]
    if missing and whole_ones(path):
        for mod in missing:
            database.commit_workload(mod)
        database = _opened(path, module_equality)
    return database


def _opened(path: Path, module_equality: str) -> Any:
    """The database; where it fails with lines that are whole (for another TVM), each is tried."""
    _prepare(path, trusting=True)
    try:
        return ms.database.JSONDatabase(work_dir=str(path), module_equality=module_equality)
    except Exception:
        _prepare(path, trusting=False)
    try:
        return ms.database.JSONDatabase(work_dir=str(path), module_equality=module_equality)
    except Exception as error:
        why = str(error).strip().splitlines()[-1]
        raise WorkDirError(
            f"the database in {path} is broken ({why}): repair or move away database_*.json"
        ) from error


def _prepare(path: Path, trusting: bool) -> None:
    """Mend the files of a database where they need it, and add the checksums that are missing."""
    before, reading = stamps(path), read(path, trusting)
    if is_written(path, reading):
        return
    try:
        with _alone(path):
            mend(path, reading if stamps(path) == before else read(path, trusting))
    except WorkDirError:
        if not is_sound(path, reading):
            raise


def _directory(work_dir: str) -> Path:
    path = Path(work_dir)
    require_directory(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkDirError(
            f"the work directory {path} cannot be made ({reason(error)}): name another"
        ) from error
    return path


def _alone(path: Path) -> AbstractContextManager[None]:
    return nullcontext() if path.resolve() in _ours else locked(str(path))


@contextmanager
def locked(work_dir: str) -> Iterator[None]:
    """The work directory for this process alone: two would number their workloads alike.

    A thread that has it may take it again.

    Raises `WorkDirError` where another process has it, or it cannot be written to.
    """
    path = _directory(work_dir).resolve()
    if _ours.get(path) == get_ident():
        yield
        return
    try:
        lock = (path / "lock").open("w")
    except OSError as error:
        raise WorkDirError(f"{work_dir} cannot be written to: {reason(error)}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise WorkDirError(
                f"{work_dir} is in use by another run: wait or name another"
            ) from error
        _ours[path] = get_ident()
        try:
            yield
        finally:
            _ours.pop(path, None)
