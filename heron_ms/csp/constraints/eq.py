"""EQ: two operands are equal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from heron_ms.csp.constraints.constraint import Column, Columns, Constraint, names_in, read
from heron_ms.csp.constraints.distance import apart
from heron_ms.csp.intervals import Bounds
from heron_ms.csp.variable import Operand


@dataclass(frozen=True)
class Eq(Constraint):
    """`left = right` (the paper's EQ)."""

    left: Operand
    right: Operand
    rule: str = field(default="", compare=False)

    def operands(self) -> tuple[Operand, ...]:
        return (self.left, self.right)

    def mask(self, columns: Columns) -> Any:
        return read(columns, self.left) == read(columns, self.right)

    def violation(self, columns: Columns) -> Any:
        return apart(read(columns, self.left), read(columns, self.right))

    def targets(self) -> tuple[str, ...]:
        return names_in((self.left, self.right))

    def inputs(self, target: str) -> tuple[str, ...]:
        return names_in((self._other(target),))

    def value(self, target: str, columns: Columns) -> Column:
        return read(columns, self._other(target))

    def products(self) -> tuple[tuple[Operand, tuple[Operand, ...]], ...]:
        return ((self.left, (self.right,)), (self.right, (self.left,)))

    def prune(self, bounds: Bounds) -> None:
        bounds.tighten(self.left, bounds.read(self.right))
        bounds.tighten(self.right, bounds.read(self.left))

    def __str__(self) -> str:
        return f"{self.left} = {self.right}"

    def _other(self, target: str) -> Operand:
        return self.right if target == self.left else self.left
