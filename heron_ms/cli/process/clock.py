"""When the command began that is running: its budget counts from there."""

from __future__ import annotations

from time import perf_counter

_begun = perf_counter()


def restart(begun: float | None = None) -> None:
    """A command begins now, or began then (of `time.perf_counter`)."""
    global _begun
    _begun = perf_counter() if begun is None else begun


def begun() -> float:
    """When the command began."""
    return _begun
