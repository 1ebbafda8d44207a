"""What is written to the terminal: progress, and errors in a line."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_COMPILER = "Compilation error:"
"""What TVM puts between the whole source of kernels and what their compiler says of it."""


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


@contextmanager
def logged(path: Path) -> Iterator[None]:
    """Keeps what this process prints meanwhile in a file, to which it is added."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file, redirected(1, 2, to=file.fileno()):
        yield


def first_line(error: object, width: int = 150) -> str:
    """What went wrong, in a line: of a traceback the exception, of an exception its message.

    Of a compiler's failure it is what the compiler says, without the folder of the file.
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if _COMPILER in lines:
        said = lines[lines.index(_COMPILER) + 1 :]
        lines = [re.sub(r"^/\S*/", "", line) for line in said if "error" in line] or said
    start = next((i for i, line in enumerate(lines) if "Error: " in line), 0)
    text = " ".join(lines[start : start + 1]) or type(error).__name__
    if text.endswith(":"):
        text = " ".join(lines[start : start + 2])
    return text if len(text) <= width else text[: width - 1] + "…"
