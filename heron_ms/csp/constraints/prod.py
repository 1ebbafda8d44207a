"""PROD: a target is the product of its factors."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from heron_ms.csp.constraints.constraint import Column, Constraint, magnitudes, names_in
from heron_ms.csp.constraints.fold import Fold
from heron_ms.csp.intervals import Interval, divided, times
from heron_ms.csp.variable import Operand


@dataclass(frozen=True)
class Prod(Fold):
    """`target = factors[0] * factors[1] * ...` (the paper's PROD: splits, fuses, footprints)."""

    factors: tuple[Operand, ...]
    rule: str = field(default="", compare=False)

    symbol: ClassVar[str] = "*"
    neutral: ClassVar[int] = 1
    combined = staticmethod(times)

    @property
    def parts(self) -> tuple[Operand, ...]:
        return self.factors

    @staticmethod
    def total(columns: Iterable[Column]) -> Column:
        return math.prod(columns)

    @staticmethod
    def left_over(target: Interval, rest: Interval) -> Interval:
        return divided(target, rest)

    def solved(self, target: Column, rest: Column) -> Column:
        return np.floor(np.divide(target, rest))

    def inverses(self, intervals: Mapping[str, Interval]) -> tuple[str, ...]:
        """A factor of which all other factors are positive, so that dividing by them is sound."""
        bad = [f for f in self.factors if not _positive(f, intervals)]
        return tuple(
            f
            for f in names_in(self.factors)
            if self.operands().count(f) == 1 and all(b == f for b in bad)
        )

    def requires(self, target: str) -> tuple[Constraint, ...]:
        return () if target == self.target else (self,)

    def products(self) -> tuple[tuple[Operand, tuple[Operand, ...]], ...]:
        return ((self.target, self.factors),)

    def check_size(self, largest: Mapping[str, int]) -> None:
        super().check_size(largest)
        if math.prod(magnitudes(self.factors, largest)) > 1e180:
            raise ValueError(f"{self}: the product can pass 1e180")


def _positive(operand: Operand, intervals: Mapping[str, Interval]) -> bool:
    return bool((operand if isinstance(operand, int) else intervals[operand][0]) > 0)
