"""What PROD and SUM have in common: a target is what its parts come to under one operation."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any, ClassVar

from heron_ms.csp.constraints.constraint import Column, Columns, Constraint, names_in, read
from heron_ms.csp.constraints.distance import apart
from heron_ms.csp.intervals import Bounds, Interval, others
from heron_ms.csp.variable import Operand


@dataclass(frozen=True)
class Fold(Constraint):
    """`target = parts[0] . parts[1] . ...` for a commutative operation with a neutral element."""

    target: Operand

    symbol: ClassVar[str]
    """The operation as it is printed."""
    neutral: ClassVar[int]
    """What no part at all comes to."""

    @property
    @abstractmethod
    def parts(self) -> tuple[Operand, ...]:
        """What is combined."""

    @staticmethod
    @abstractmethod
    def total(columns: Iterable[Column]) -> Column:
        """What some columns come to."""

    @staticmethod
    @abstractmethod
    def combined(a: Interval, b: Interval) -> Interval:
        """The interval of what a value of `a` and a value of `b` come to."""

    @staticmethod
    @abstractmethod
    def left_over(target: Interval, rest: Interval) -> Interval:
        """The interval of a part, from those of the target and of what the other parts come to."""

    @abstractmethod
    def solved(self, target: Column, rest: Column) -> Column:
        """The part that makes `target` with what the other parts come to."""

    def operands(self) -> tuple[Operand, ...]:
        return (*self.parts, self.target)

    def mask(self, columns: Columns) -> Any:
        return read(columns, self.target) == self._total(columns, self.parts)

    def violation(self, columns: Columns) -> Any:
        return apart(read(columns, self.target), self._total(columns, self.parts))

    def targets(self) -> tuple[str, ...]:
        return names_in((self.target,))

    def inputs(self, target: str) -> tuple[str, ...]:
        if target == self.target:
            return names_in(self.parts)
        return names_in((self.target, *self._others(target)))

    def value(self, target: str, columns: Columns) -> Column:
        if target == self.target:
            return self._total(columns, self.parts)
        rest = self._total(columns, self._others(target))
        return self.solved(read(columns, self.target), rest)

    def prune(self, bounds: Bounds) -> None:
        neutral = (float(self.neutral), float(self.neutral))
        parts = [bounds.read(part) for part in self.parts]
        bounds.tighten(self.target, reduce(self.combined, parts, neutral))
        target = bounds.read(self.target)
        for part, rest in zip(self.parts, others(parts, self.combined, neutral), strict=True):
            if isinstance(part, str):
                bounds.tighten(part, self.left_over(target, rest))

    def __str__(self) -> str:
        parts = f" {self.symbol} ".join(map(str, self.parts)) or str(self.neutral)
        return f"{parts} = {self.target}"

    def _others(self, part: str) -> tuple[Operand, ...]:
        return tuple(other for other in self.parts if other != part)

    def _total(self, columns: Columns, parts: Iterable[Operand]) -> Column:
        return self.total(read(columns, part) for part in parts)
