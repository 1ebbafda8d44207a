"""SUM: a target is the sum of its terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from heron_ms.csp.constraints.constraint import Column, magnitudes, names_in
from heron_ms.csp.constraints.fold import Fold
from heron_ms.csp.intervals import Interval
from heron_ms.csp.variable import Operand


@dataclass(frozen=True)
class Sum(Fold):
    """`target = terms[0] + terms[1] + ...` (the paper's SUM: total footprints)."""

    terms: tuple[Operand, ...]
    rule: str = field(default="", compare=False)

    symbol: ClassVar[str] = "+"
    neutral: ClassVar[int] = 0

    @property
    def parts(self) -> tuple[Operand, ...]:
        return self.terms

    @staticmethod
    def total(columns: Iterable[Column]) -> Column:
        return sum(columns)

    @staticmethod
    def combined(a: Interval, b: Interval) -> Interval:
        return a[0] + b[0], a[1] + b[1]

    @staticmethod
    def left_over(target: Interval, rest: Interval) -> Interval:
        return target[0] - rest[1], target[1] - rest[0]

    def solved(self, target: Column, rest: Column) -> Column:
        return target - rest

    def inverses(self, intervals: Mapping[str, Interval]) -> tuple[str, ...]:
        return tuple(t for t in names_in(self.terms) if self.operands().count(t) == 1)

    def check_size(self, largest: Mapping[str, int]) -> None:
        super().check_size(largest)
        if sum(magnitudes(self.terms, largest)) > 2**52:
            raise ValueError(f"{self}: the sum can pass 2^52")
