"""A run as its events tell it: begun by whoever comes first, ended by the same, whatever happens.

A command begins one around all that it does, `tune_tir` one of its own where it is called alone.
"""

from __future__ import annotations

import platform
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from time import perf_counter
from typing import Any

from heron_ms.errors import last_line
from heron_ms.events.bus import listening, tell
from heron_ms.events.file import EventFile
from heron_ms.events.kinds import RunEnded, RunStarted

_current: ContextVar[Path | None] = ContextVar("current", default=None)
"""The work directory whose run this thread is in."""


@dataclass
class Run:
    """A run that goes on; ``how`` is what its end will say, unless an error ends it."""

    how: str = "finished"
    begun: float = field(default_factory=perf_counter)

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return perf_counter() - self.begun


@contextmanager
def recorded(work_dir: Path, *, written: bool = True, **facts: Any) -> Iterator[Run]:
    """While it holds, what is told is written to the events of a work directory.

    written: whether it is, or only those who listen hear of it. facts: fields of `RunStarted`, less
    the versions and the command. Inside a run on the same directory nothing begins anew. Raises
    `WorkDirError` where the file cannot be written.
    """
    path = work_dir.resolve()
    if _current.get() == path:
        yield Run()
        return
    with _writing(work_dir) if written else nullcontext():
        run, token = Run(), _current.set(path)
        try:
            tell(RunStarted(command=_command(), cpu=cpu_name(), **_versions(), **facts))
            yield from _ending(run)
        finally:
            _current.reset(token)


@contextmanager
def _writing(work_dir: Path) -> Iterator[None]:
    file = EventFile(work_dir)
    try:
        with listening(file):
            yield
    finally:
        file.close()


def _ending(run: Run) -> Iterator[Run]:
    """The run; how it ended is told as the last thing."""
    error: BaseException | None = None
    try:
        yield run
    except BaseException as raised:
        error = raised
        run.how = "interrupted" if isinstance(raised, KeyboardInterrupt) else "failed"
        raise
    finally:
        why = last_line(error) if run.how == "failed" and error is not None else None
        tell(RunEnded(how=run.how, seconds=run.elapsed, error=why))


def _command() -> str:
    program = Path(sys.argv[0])
    named = [program.name]
    if program.name == "__main__.py":
        named = ["python", "-m", program.parent.name]
    return shlex.join([*named, *sys.argv[1:]])


def _versions() -> dict[str, Any]:
    return {
        "heron_ms": metadata.version("heron-ms"),
        "tvm": metadata.version("apache-tvm"),
        "numpy": metadata.version("numpy"),
        "xgboost": metadata.version("xgboost"),
        "python": platform.python_version(),
    }


def cpu_name() -> str:
    """How the system calls this CPU."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # a system that is not Linux
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
