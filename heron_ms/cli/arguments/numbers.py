"""The numbers that a person types: each with its bounds, checked before anything starts."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from dataclasses import dataclass

from heron_ms.workloads import LARGEST

# No bound has more digits, and Python refuses to convert thousands of them.
_DIGITS = re.compile(r"[-+]?[0-9]{1,20}")
_SHOWN = 40
"""Characters of an input that a message repeats."""


@dataclass(frozen=True)
class Whole:
    """The argparse type of an integer within bounds, written in decimal digits."""

    lowest: int
    highest: int

    def __call__(self, text: str) -> int:
        """The number that a text is."""
        value = int(text) if _DIGITS.fullmatch(text) else self.lowest - 1
        if not self.lowest <= value <= self.highest:
            bounds = f"an integer from {self.lowest} to {self.highest}"
            raise ArgumentTypeError(f"must be {bounds}, got {shown(text)}")
        return value


def size(lowest: int) -> Whole:
    """The type of a size of an operator."""
    return Whole(lowest, LARGEST)


TRIALS = Whole(1, 1_000_000)
"""A million records are tens of gigabytes of memory and weeks of measuring."""

SEED = Whole(0, 2**32 - 1)
"""MetaSchedule draws its own seeds with one of numpy, which has 32 bits."""

CORES = Whole(1, 4096)
"""More than a machine has; how many this process may use is checked when that is known."""

_SKETCH = Whole(0, 9999)


def sketch(text: str) -> int | None:
    """The type of the number of a sketch; None for all of them."""
    try:
        return None if text == "all" else _SKETCH(text)
    except ArgumentTypeError as error:
        raise ArgumentTypeError(f"{error}; or all") from error


_DURATION = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,7}(?:\.\d{1,3})?)s?)?")
"""Hours, minutes and seconds: 1h30m, 20m, 90s, 90."""


def duration(text: str) -> float:
    """The type of a time, in seconds."""
    match = _DURATION.fullmatch(text)
    parts = [float(part or 0) for part in match.groups()] if match else []
    seconds = sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))
    if seconds < 1:
        raise ArgumentTypeError(f"must be a time such as 90s, 20m or 1h30m, got {shown(text)}")
    return seconds


def share(text: str) -> float:
    """The type of a number from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise ArgumentTypeError(f"must be a number from 0 to 1, got {shown(text)}")
    return value


def shown(text: str) -> str:
    """An input as a message repeats it: quoted, on one line, not too much of it."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
