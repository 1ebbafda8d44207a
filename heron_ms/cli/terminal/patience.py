"""What takes longer than some seconds says what it is doing, on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic

from rich.console import Console

FIRST = 3.0
"""Seconds of silence before the first line."""

LATER = 60.0
"""Seconds between later ones."""


@contextmanager
def told(words: str) -> Iterator[None]:
    """While it holds, say what is being done if that takes long, and from time to time again."""
    done = Event()
    teller = Thread(target=_tell, args=(words, done), daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


@contextmanager
def working(words: str) -> Iterator[None]:
    """While it holds, something moves on a terminal; elsewhere it is told if it takes long."""
    console = Console(stderr=True)
    with console.status(words) if console.is_terminal else told(words):
        yield


def _tell(words: str, done: Event) -> None:
    begun, pause = monotonic(), FIRST
    while not done.wait(pause):
        print(f"{words} ({monotonic() - begun:.0f} s)", file=sys.stderr, flush=True)
        pause = LATER
