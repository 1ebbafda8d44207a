"""Numbers that a caller hands over: numpy's integers are integers, and each has its bounds."""

from __future__ import annotations

from operator import index
from typing import Any

from heron_ms.errors import TrialsError


def count_of(name: str, value: Any) -> int:
    """A number of trials. Raises `TrialsError`, naming the argument, unless it is at least one."""
    try:
        number = index(value)
    except TypeError:
        number = 0
    if number < 1:
        raise TrialsError(f"{name} must be an integer of at least 1, got {value!r}")
    return number
