"""LE: one operand is at most another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from heron_ms.csp.constraints.constraint import Columns, Constraint, read
from heron_ms.csp.constraints.distance import above
from heron_ms.csp.intervals import HUGE, Bounds
from heron_ms.csp.variable import Operand


@dataclass(frozen=True)
class Le(Constraint):
    """`left <= right` (the paper's LE: capacities and limits)."""

    left: Operand
    right: Operand
    rule: str = field(default="", compare=False)

    def operands(self) -> tuple[Operand, ...]:
        return (self.left, self.right)

    def mask(self, columns: Columns) -> Any:
        return read(columns, self.left) <= read(columns, self.right)

    def violation(self, columns: Columns) -> Any:
        return above(read(columns, self.left), read(columns, self.right))

    def prune(self, bounds: Bounds) -> None:
        bounds.tighten(self.left, (-HUGE, bounds.read(self.right)[1]))
        bounds.tighten(self.right, (bounds.read(self.left)[0], HUGE))

    def __str__(self) -> str:
        return f"{self.left} <= {self.right}"
