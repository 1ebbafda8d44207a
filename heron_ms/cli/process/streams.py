"""The three streams of a process, which may have been closed before it began (``>&-``)."""

from __future__ import annotations

import os
import sys

_STREAMS = {"stdin": "r", "stdout": "w", "stderr": "w"}
"""In the order of their numbers."""


def open_streams() -> None:
    """Open the null device where a stream is closed.

    Its number would be the next file's otherwise, of a database even, and what a library or a
    worker prints would go there.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) < len(_STREAMS):
        os.set_inheritable(number, True)
    os.close(number)
    for number, (name, mode) in enumerate(_STREAMS.items()):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
