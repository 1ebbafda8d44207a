"""What the measuring scripts share: one pinned core, a journal that survives a kill, tables.

Imports nothing heavy: `pin` must run before TVM, OpenMP or heron_ms look at the processors that
this process may use.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Record = dict[str, Any]

_THREADS = ("TVM_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def pin(core: int | None) -> int:
    """Keeps this process, its threads and its children on one processor, and returns its number.

    Without a number: the last one of those that this process may use. Must come before the first
    import of tvm, heron_ms, torch or onnxruntime.
    """
    usable = os.sched_getaffinity(0)
    core = max(usable) if core is None else core
    if core not in usable:
        raise SystemExit(f"--core {core} is none of {', '.join(map(str, sorted(usable)))}")
    os.sched_setaffinity(0, {core})
    # TVM's pool would pin its threads where it likes, often to processor 0.
    os.environ["TVM_BIND_THREADS"] = "0"
    for name in _THREADS:
        os.environ[name] = "1"
    return core


def unpin() -> int:
    """Lets this process and its children use all cores that it may use; returns their number.

    Must come before the same imports as `pin`.
    """
    os.environ["TVM_BIND_THREADS"] = "0"
    from heron_ms.hardware import physical_cpus

    cores = len(physical_cpus())
    for name in _THREADS:
        os.environ[name] = str(cores)
    return cores


def cpu_target(cores: int = 1) -> dict[str, Any]:
    """The running CPU as a TVM target of so many cores."""
    from heron_ms.hardware import host

    return {"kind": "llvm", "mcpu": host().mcpu, "num-cores": cores}


def at_least(least: int) -> Callable[[str], int]:
    """The type of an option that is an integer from somewhere on."""

    def whole(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"must be an integer of at least {least}: {text!r}")
        return int(text)

    return whole


def folder(text: str) -> Path:
    """The type of an option that is a folder to write to; it is made."""
    path = Path(text)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise argparse.ArgumentTypeError(
            f"{text} cannot be written to: {error.strerror}"
        ) from error
    return path


def say(*words: object) -> None:
    """Progress goes to stderr, so that stdout is the table alone."""
    print(*words, file=sys.stderr, flush=True)


@contextmanager
def redirected(*streams: int, to: int) -> Iterator[None]:
    """Sends what anything in this process writes to these file descriptors to another, meanwhile.

    TVM and LLVM write to descriptors 1 and 2 by themselves, not through sys.stdout.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(stream) for stream in streams]
    for stream in streams:
        os.dup2(to, stream)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for stream, original in zip(streams, kept, strict=True):
            os.dup2(original, stream)
            os.close(original)


def first_line(error: object, width: int = 150) -> str:
    """What went wrong, in a line: of a traceback the exception, of an exception its message."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    start = next((i for i, line in enumerate(lines) if "Error: " in line), 0)
    text = " ".join(lines[start : start + 1]) or type(error).__name__
    if text.endswith(":"):
        text = " ".join(lines[start : start + 2])
    return text if len(text) <= width else text[: width - 1] + "…"


@dataclass(frozen=True)
class Journal:
    """Results as JSON lines, each on disk before the next one is measured."""

    path: Path

    def records(self) -> list[Record]:
        """All that is there; a line cut short by a kill is left out."""
        if not self.path.is_file():
            return []
        return [each for each in map(_parsed, self.path.read_text().splitlines()) if each]

    def append(self, record: Record) -> None:
        """Adds one result and waits until the disk has it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a") as file:
            # A leading line break: the line before may have been cut short by a kill.
            file.write("\n" + json.dumps(record))
            file.flush()
            os.fsync(file.fileno())

    def find(self, wanted: Mapping[str, Any]) -> Record | None:
        """The latest record that has all these entries."""
        matches = (each for each in reversed(self.records()) if _has(each, wanted))
        return next(matches, None)


def _in_a_line(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    """A Ctrl-C that nothing caught is a line, no traceback."""
    if issubclass(kind, KeyboardInterrupt):
        say(f"{Path(sys.argv[0]).name}: interrupted")
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _in_a_line


def markdown(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; the first column is text, the rest is set right."""
    lines = [list(head), ["---", *["---:"] * (len(head) - 1)]]
    lines += [[str(cell) for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _parsed(line: str) -> Record | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _has(record: Record, wanted: Mapping[str, Any]) -> bool:
    return all(record.get(name) == value for name, value in wanted.items())
