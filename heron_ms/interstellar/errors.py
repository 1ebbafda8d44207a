"""The error of everything that describes a machine, a layer or a schedule to the model."""

from __future__ import annotations

from collections.abc import Iterable

from heron_ms.errors import HeronError

LARGEST = 2**44


class ModelError(HeronError, ValueError):
    """A machine, a layer, a schedule or a program that the analytic model cannot evaluate."""


def demand(holds: bool, message: str) -> None:
    """Raise `ModelError` with `message` unless `holds`."""
    if not holds:
        raise ModelError(message)


def refuse_unknown(given: Iterable[str], known: Iterable[str], what: str) -> None:
    """Raise `ModelError` for a field that is not known: a misspelt one would be left out unseen."""
    names = sorted(known)
    unknown = ", ".join(sorted(set(given) - set(names)))
    demand(not unknown, f"{what}: unknown field {unknown}: use {', '.join(names)}")


def positive(value: object, field: str, largest: int = LARGEST) -> int:
    """`value` as an integer above zero. Raises `ModelError` that names the field."""
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ModelError(f"{field} is {repr(value)[:40]}, not an integer above zero")
    demand(value <= largest, f"{field} is more than {largest}, which no level, array or loop has")
    return value
