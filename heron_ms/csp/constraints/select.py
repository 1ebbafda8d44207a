"""SELECT: a target is the one of several choices that an index names."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np

from heron_ms.csp.constraints.constraint import Column, Columns, Constraint, names_in, read
from heron_ms.csp.constraints.distance import apart
from heron_ms.csp.constraints.within import In
from heron_ms.csp.intervals import HUGE, Bounds, Flag, larger, smaller, where
from heron_ms.csp.variable import Operand


@dataclass(frozen=True)
class Select(Constraint):
    """`target = choices[index]`, 0-based, index within range (the paper's SELECT: compute-at).

    Raises ValueError for no choices or a constant index that is out of range.
    """

    target: Operand
    index: Operand
    choices: tuple[Operand, ...]
    rule: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not self.choices:
            raise ValueError(f"{self}: no choices")
        if isinstance(self.index, int) and not 0 <= self.index < len(self.choices):
            raise ValueError(f"{self}: the index is out of range")

    def operands(self) -> tuple[Operand, ...]:
        return (self.target, *self.choices, self.index)

    def mask(self, columns: Columns) -> Any:
        index = read(columns, self.index)
        inside = (index >= 0) & (index < len(self.choices))
        return inside & (read(columns, self.target) == self._chosen(columns))

    def violation(self, columns: Columns) -> Any:
        """How far the index is out of range, and the target from what the nearest index names."""
        index = np.asarray(read(columns, self.index))
        nearest = np.clip(index, 0, len(self.choices) - 1)
        moved = {**columns, self.index: nearest} if isinstance(self.index, str) else columns
        return apart(index, nearest) + apart(read(columns, self.target), self._chosen(moved))

    def targets(self) -> tuple[str, ...]:
        return names_in((self.target,))

    def inputs(self, target: str) -> tuple[str, ...]:
        return names_in((*self.choices, self.index))

    def value(self, target: str, columns: Columns) -> Column:
        return self._chosen(columns)

    def requires(self, target: str) -> tuple[Constraint, ...]:
        if isinstance(self.index, int):
            return ()
        return (In(self.index, range(len(self.choices)), self.rule),)

    def prune(self, bounds: Bounds) -> None:
        target = bounds.read(self.target)
        parts = [bounds.read(c) for c in self.choices]
        possible = self._possible(bounds)
        at = [(where(p, float(i), HUGE), where(p, float(i), -HUGE)) for i, p in enumerate(possible)]
        bounds.tighten(
            self.index,
            (reduce(smaller, (a[0] for a in at)), reduce(larger, (a[1] for a in at))),
        )
        low = reduce(smaller, (where(p, c[0], HUGE) for p, c in zip(possible, parts, strict=True)))
        high = reduce(larger, (where(p, c[1], -HUGE) for p, c in zip(possible, parts, strict=True)))
        bounds.tighten(self.target, (low, high))
        first, last = bounds.read(self.index)
        for i, choice in enumerate(self.choices):
            only = (first == i) & (last == i)
            bounds.tighten(choice, (where(only, target[0], -HUGE), where(only, target[1], HUGE)))

    def __str__(self) -> str:
        return f"{self.target} = [{', '.join(map(str, self.choices))}][{self.index}]"

    def _chosen(self, columns: Columns) -> Column:
        index = read(columns, self.index)
        chosen = read(columns, self.choices[0])
        for i, choice in enumerate(self.choices[1:], 1):
            chosen = np.where(index == i, read(columns, choice), chosen)
        return chosen

    def _possible(self, bounds: Bounds) -> list[Flag]:
        """For each choice, whether the index may name it and the target may equal it."""
        first, last = bounds.read(self.index)
        low, high = bounds.read(self.target)
        return [
            (first <= i) & (i <= last) & (part[0] <= high) & (part[1] >= low)
            for i, part in enumerate(bounds.read(c) for c in self.choices)
        ]
