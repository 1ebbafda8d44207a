"""What a caller hands over as an assignment: an integer for each variable, and no other name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from operator import index
from typing import Any

from heron_ms.errors import AssignmentError


def whole(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, int]:
    """The values of all variables, in their order; numpy's integers are integers.

    Raises `AssignmentError`, naming the variable, for one that is missing, unknown or no integer.
    """
    wanted = dict.fromkeys(names)
    for name in values:
        if name not in wanted:
            raise AssignmentError(f"unknown variable {name!r}{_advice(name, list(wanted))}")
    for name in wanted:
        if name not in values:
            raise AssignmentError(f"no value for variable {name!r}: an assignment has all of them")
    return {name: integer(name, values[name]) for name in wanted}


def integer(name: str, value: Any) -> int:
    """A value as an integer. Raises `AssignmentError`, naming it, for anything else."""
    try:
        return index(value)
    except TypeError:
        raise AssignmentError(f"{name} must be an integer, got {value!r}") from None


def _advice(name: Any, known: list[str]) -> str:
    near = get_close_matches(str(name), known, 1)
    return f": did you mean {near[0]!r}?" if near else ", which this problem does not have"
