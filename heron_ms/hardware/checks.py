"""What a description is checked with; each raises `TargetError` and names the field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, TypeVar

from heron_ms.errors import TargetError

Described = TypeVar("Described")


def demand(holds: bool, message: str) -> None:
    """Raise `TargetError` with ``message`` unless it holds."""
    if not holds:
        raise TargetError(message)


def positive(value: object, field: str) -> None:
    """Raise `TargetError`, naming the field, for what is no integer above zero."""
    demand(type(value) is int and value > 0, f"{field} is {value!r}, not an integer above zero")


def described(kind: type[Described], given: Mapping[str, Any], what: str) -> Described:
    """What a table of a file describes, a dataclass.

    Raises `TargetError` for a field that is none, as a misspelt one would be left out unseen, and
    for one that is missing.
    """
    declared = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    unknown = ", ".join(sorted(set(given) - set(declared)))
    demand(not unknown, f"{what}: unknown field {unknown}: use {', '.join(sorted(declared))}")
    needed = {
        name
        for name, field in declared.items()
        if field.default is MISSING and field.default_factory is MISSING
    }
    missing = ", ".join(sorted(needed - set(given)))
    demand(not missing, f"{what}: there is no field {missing}")
    return kind(**given)
