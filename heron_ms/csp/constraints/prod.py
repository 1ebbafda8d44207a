"""PROD: a target is the product of its factors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np

from heron_ms.csp.constraints.base import (
    Column,
    Columns,
    Constraint,
    magnitudes,
    names_in,
    read,
)
from heron_ms.csp.constraints.distance import apart
from heron_ms.csp.intervals import Bounds, Interval, divided, others, times
from heron_ms.csp.variable import Operand

ONE: Interval = (1.0, 1.0)


@dataclass(frozen=True)
class Prod(Constraint):
    """`target = factors[0] * factors[1] * ...` (the paper's PROD: splits, fuses, footprints)."""

    target: Operand
    factors: tuple[Operand, ...]
    rule: str = field(default="", compare=False)

    def operands(self) -> tuple[Operand, ...]:
        return (*self.factors, self.target)

    def mask(self, columns: Columns) -> Any:
        return read(columns, self.target) == self._product(columns)

    def violation(self, columns: Columns) -> Any:
        return apart(read(columns, self.target), self._product(columns))

    def targets(self) -> tuple[str, ...]:
        return names_in((self.target,))

    def inputs(self, target: str) -> tuple[str, ...]:
        if target == self.target:
            return names_in(self.factors)
        return names_in((self.target, *self._others(target)))

    def value(self, target: str, columns: Columns) -> Column:
        if target == self.target:
            return self._product(columns)
        rest = math.prod(read(columns, f) for f in self._others(target))
        return np.floor(np.divide(read(columns, self.target), rest))

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

    def prune(self, bounds: Bounds) -> None:
        parts = [bounds.read(f) for f in self.factors]
        bounds.tighten(self.target, reduce(times, parts, ONE))
        target = bounds.read(self.target)
        for factor, rest in zip(self.factors, others(parts, times, ONE), strict=True):
            if isinstance(factor, str):
                bounds.tighten(factor, divided(target, rest))

    def check_size(self, largest: Mapping[str, int]) -> None:
        super().check_size(largest)
        if math.prod(magnitudes(self.factors, largest)) > 1e180:
            raise ValueError(f"{self}: the product can pass 1e180")

    def __str__(self) -> str:
        return f"{' * '.join(map(str, self.factors)) or '1'} = {self.target}"

    def _others(self, factor: str) -> tuple[Operand, ...]:
        return tuple(f for f in self.factors if f != factor)

    def _product(self, columns: Columns) -> Column:
        return math.prod(read(columns, f) for f in self.factors)


def _positive(operand: Operand, intervals: Mapping[str, Interval]) -> bool:
    return bool((operand if isinstance(operand, int) else intervals[operand][0]) > 0)
