"""The error of everything that describes a machine, a layer or a schedule to the model."""

from __future__ import annotations

from heron_ms.errors import HeronError


class ModelError(HeronError, ValueError):
    """A machine, a layer, a schedule or a program that the analytic model cannot evaluate."""


def demand(holds: bool, message: str) -> None:
    """Raise `ModelError` with `message` unless `holds`."""
    if not holds:
        raise ModelError(message)


def positive(value: object, field: str) -> int:
    """`value` as an integer above zero. Raises `ModelError` that names the field."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    demand(whole and int(str(value)) > 0, f"{field} is {value!r}, not an integer above zero")
    return int(str(value))
