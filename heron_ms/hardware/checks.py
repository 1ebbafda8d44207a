"""What a description is checked with; each names the field, and raises the error it is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from typing import Any, TypeVar

from heron_ms.errors import HeronError, TargetError

Described = TypeVar("Described")


def demand(holds: bool, message: str, error: type[HeronError] = TargetError) -> None:
    """Raise an error with ``message`` unless it holds."""
    if not holds:
        raise error(message)


def positive(value: object, field: str, error: type[HeronError] = TargetError) -> int:
    """``value``, an integer above zero; raise an error for anything else."""
    if type(value) is not int or value <= 0:
        raise error(f"{field} is {repr(value)[:40]}, not an integer above zero")
    return value


def refuse_unknown(
    given: Iterable[str], known: Iterable[str], what: str, error: type[HeronError] = TargetError
) -> None:
    """Raise an error for a field that is not known: a misspelt one would be left out unseen."""
    names = sorted(known)
    unknown = ", ".join(sorted(set(given) - set(names)))
    demand(not unknown, f"{what}: unknown field {unknown}: use {', '.join(names)}", error)


def described(kind: type[Described], given: Mapping[str, Any], what: str) -> Described:
    """What a table of a file describes, a dataclass.

    Raises `TargetError` for a field that is none, and for one that is missing.
    """
    declared = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    refuse_unknown(given, declared, what)
    needed = {
        name
        for name, field in declared.items()
        if field.default is MISSING and field.default_factory is MISSING
    }
    missing = ", ".join(sorted(needed - set(given)))
    demand(not missing, f"{what}: there is no field {missing}")
    return kind(**given)
