"""The checks of everything that describes a layer or a schedule to the model."""

from __future__ import annotations

from collections.abc import Iterable

from heron_ms.errors import ModelError
from heron_ms.hardware import checks

LARGEST = 2**44


def demand(holds: bool, message: str) -> None:
    """Raise `ModelError` with ``message`` unless it holds."""
    checks.demand(holds, message, ModelError)


def refuse_unknown(given: Iterable[str], known: Iterable[str], what: str) -> None:
    """Raise `ModelError` for a field that is not known: a misspelt one would be left out unseen."""
    checks.refuse_unknown(given, known, what, ModelError)


def positive(value: object, field: str, largest: int = LARGEST) -> int:
    """``value`` as an integer above zero. Raises `ModelError` that names the field."""
    number = checks.positive(value, field, ModelError)
    demand(number <= largest, f"{field} is more than {largest}, which no level, array or loop has")
    return number
