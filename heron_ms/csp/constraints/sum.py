"""SUM: a target is the sum of its terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from heron_ms.csp.constraints.base import (
    Column,
    Columns,
    Constraint,
    magnitudes,
    names_in,
    read,
)
from heron_ms.csp.constraints.distance import apart
from heron_ms.csp.intervals import Bounds, Interval, others
from heron_ms.csp.variable import Operand

ZERO: Interval = (0.0, 0.0)


def plus(a: Interval, b: Interval) -> Interval:
    """The interval of all sums of a value of `a` and a value of `b`."""
    return a[0] + b[0], a[1] + b[1]


@dataclass(frozen=True)
class Sum(Constraint):
    """`target = terms[0] + terms[1] + ...` (the paper's SUM: total footprints)."""

    target: Operand
    terms: tuple[Operand, ...]
    rule: str = field(default="", compare=False)

    def operands(self) -> tuple[Operand, ...]:
        return (*self.terms, self.target)

    def mask(self, columns: Columns) -> Any:
        return read(columns, self.target) == self._total(columns)

    def violation(self, columns: Columns) -> Any:
        return apart(read(columns, self.target), self._total(columns))

    def targets(self) -> tuple[str, ...]:
        return names_in((self.target,))

    def inputs(self, target: str) -> tuple[str, ...]:
        if target == self.target:
            return names_in(self.terms)
        return names_in((self.target, *self._others(target)))

    def value(self, target: str, columns: Columns) -> Column:
        if target == self.target:
            return self._total(columns)
        return read(columns, self.target) - sum(read(columns, t) for t in self._others(target))

    def inverses(self, intervals: Mapping[str, Interval]) -> tuple[str, ...]:
        return tuple(t for t in names_in(self.terms) if self.operands().count(t) == 1)

    def prune(self, bounds: Bounds) -> None:
        parts = [bounds.read(t) for t in self.terms]
        bounds.tighten(self.target, reduce(plus, parts, ZERO))
        low, high = bounds.read(self.target)
        for term, rest in zip(self.terms, others(parts, plus, ZERO), strict=True):
            if isinstance(term, str):
                bounds.tighten(term, (low - rest[1], high - rest[0]))

    def check_size(self, largest: Mapping[str, int]) -> None:
        super().check_size(largest)
        if sum(magnitudes(self.terms, largest)) > 2**52:
            raise ValueError(f"{self}: the sum can pass 2^52")

    def __str__(self) -> str:
        return f"{' + '.join(map(str, self.terms)) or '0'} = {self.target}"

    def _others(self, term: str) -> tuple[Operand, ...]:
        return tuple(t for t in self.terms if t != term)

    def _total(self, columns: Columns) -> Column:
        return sum(read(columns, t) for t in self.terms)
