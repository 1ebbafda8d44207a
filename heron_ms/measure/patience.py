"""How long a candidate may take to be built, or to run, before it is given up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

SECONDS = 30.0
"""Where nobody says less."""

_allowed: ContextVar[Callable[[], float]] = ContextVar("allowed", default=lambda: SECONDS)
"""Of this thread, as runs in two threads may have different budgets."""


def patience() -> float:
    """Seconds that a candidate may take now."""
    return _allowed.get()()


@contextmanager
def patient(seconds: Callable[[], float]) -> Iterator[None]:
    """While it holds, candidates of this thread may take what a function says."""
    token = _allowed.set(seconds)
    try:
        yield
    finally:
        _allowed.reset(token)
