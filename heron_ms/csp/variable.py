"""Variables: a name, a finite integer domain, and the part the variable plays."""

from __future__ import annotations

from dataclasses import dataclass

from heron_ms.csp.meaning import Meaning

LARGEST = 2**48
"""Largest magnitude of a domain value or a constant.

Columns and bounds are float64, exact for integers up to 2^53. Staying 2^5 below leaves room for
sums; a product that grows beyond is inexact but is then outside every domain, so it is rejected.
"""

TUNABLE = "tunable"
"""The role of variables that a decision sets; all others follow from them."""

Operand = str | int
"""A variable's name, or an integer constant."""


class UnsatisfiableError(ValueError):
    """A problem has no solution; the message lists the constraints that clash."""


@dataclass(frozen=True)
class Variable:
    """An integer variable.

    `domain` is a non-empty range with a positive step or a sorted tuple of distinct integers,
    within +-`LARGEST`. `role` is one of "tunable", "loop", "architectural" and "auxiliary" (the
    paper's groups). ``meaning`` is for who learns from problems. Raises ValueError for a domain
    that is none of these.
    """

    name: str
    domain: range | tuple[int, ...]
    role: str = "auxiliary"
    meaning: Meaning | None = None

    def __post_init__(self) -> None:
        if not self.domain:
            raise ValueError(f"variable {self.name!r}: the domain is empty")
        if isinstance(self.domain, range):
            ordered = self.domain.step > 0
        else:
            ordered = all(a < b for a, b in zip(self.domain, self.domain[1:], strict=False))
        if not ordered:
            raise ValueError(f"variable {self.name!r}: the domain is not sorted and distinct")
        if max(abs(self.domain[0]), abs(self.domain[-1])) > LARGEST:
            raise ValueError(f"variable {self.name!r}: a domain value is beyond 2^48")

    def __str__(self) -> str:
        return f"{self.name} in {format_values(self.domain)}"


def format_values(values: range | tuple[int, ...]) -> str:
    """Print a set of values as a person writes it: `1..64`, `0..64 step 4` or `{1, 2, 4}`."""
    if len(values) > 3 and isinstance(values, range):
        step = "" if values.step == 1 else f" step {values.step}"
        return f"{values[0]}..{values[-1]}{step}"
    return "{" + ", ".join(map(str, values)) + "}"
