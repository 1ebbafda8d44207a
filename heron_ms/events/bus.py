"""Who hears of an event: what tells one need not know.

MetaSchedule calls space, search, builder and runner, and has no place for a report of theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter

from heron_ms.events.kinds import Event, PhaseEnded

Listener = Callable[[Event], None]

_listeners: ContextVar[tuple[Listener, ...]] = ContextVar("listeners", default=())
"""Of this thread: runs in two threads do not hear each other."""


def tell(event: Event) -> None:
    """Let all who listen in this thread hear of an event, in the order in which they came."""
    for listener in _listeners.get():
        listener(event)


def is_heard() -> bool:
    """Whether anybody listens: what costs time to tell need not be found out else."""
    return bool(_listeners.get())


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """While it holds, a listener hears what this thread tells."""
    token = _listeners.set((*_listeners.get(), listener))
    try:
        yield
    finally:
        _listeners.reset(token)


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Tell in the end what took place inside and how long, also where it ends in an error."""
    begun = perf_counter()
    try:
        yield
    finally:
        tell(PhaseEnded(phase=name, seconds=perf_counter() - begun))
