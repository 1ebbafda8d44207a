"""Indices as sums of loop variables times constants, or a refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import Analyzer, Range, constant, detect_linear_equation
from heron_ms.errors import FaultError


@dataclass(frozen=True)
class Affine:
    """``constant`` + the sum of ``outer`` and ``inner`` factors times their loop variables.

    outer: factors of the variables that are numbers whenever it is asked for. inner: one for each
    loop of a nest.
    """

    constant: int
    outer: tuple[tuple[Any, int], ...]
    inner: tuple[int, ...]

    def start(self, at: Mapping[Any, int]) -> int:
        """Its value in the first iteration of the nest."""
        return self.constant + sum(factor * at[variable] for variable, factor in self.outer)

    def over(self, size: int) -> Affine:
        """It in units of ``size``; raises `FaultError` where that leaves a rest."""
        factors = [self.constant, *(factor for _, factor in self.outer), *self.inner]
        if any(factor % size for factor in factors):
            raise FaultError(f"{self} is not whole elements of {size}", "affine")
        return Affine(
            self.constant // size,
            tuple((variable, factor // size) for variable, factor in self.outer),
            tuple(factor // size for factor in self.inner),
        )


@dataclass(frozen=True)
class Loops:
    """The loops around a statement: those that are walked one by one, and those of its nest."""

    outer: Mapping[Any, int]
    inner: Mapping[Any, int]

    @property
    def extents(self) -> tuple[int, ...]:
        """Of the nest, outermost first."""
        return tuple(self.inner.values())

    def affine(self, expr: Any) -> Affine:
        """An expression of the loop variables; raises `FaultError` for one that is not affine."""
        variables = [*self.outer, *self.inner]
        analyzer = Analyzer()
        for variable, extent in [*self.outer.items(), *self.inner.items()]:
            analyzer.bind(variable, Range(0, extent))
        simple = analyzer.simplify(expr) if not isinstance(expr, int) else expr
        if constant(simple) is not None:
            return Affine(constant(simple) or 0, (), (0,) * len(self.inner))
        factors = [constant(f) for f in detect_linear_equation(simple, variables)]
        if not factors or None in factors:
            raise FaultError(f"the index {simple} is no sum of loops times constants", "affine")
        *known, rest = [factor or 0 for factor in factors]
        outer = zip(self.outer, known[: len(self.outer)], strict=True)
        moved = tuple((variable, factor) for variable, factor in outer if factor)
        return Affine(rest, moved, tuple(known[len(self.outer) :]))

    def flat(self, sizes: Sequence[int], indices: Sequence[Affine]) -> Affine:
        """Where indices fall in an array of some sizes, in numbers."""
        total, stride = Affine(0, (), (0,) * len(self.inner)), 1
        for part, size in zip(reversed(indices), reversed(sizes), strict=True):
            total, stride = _sum(total, part, stride), stride * size
        return total


def _sum(one: Affine, other: Affine, times: int) -> Affine:
    outer = dict(one.outer)
    for variable, factor in other.outer:
        outer[variable] = outer.get(variable, 0) + factor * times
    inner = (a + b * times for a, b in zip(one.inner, other.inner, strict=True))
    moved = tuple((variable, factor) for variable, factor in outer.items() if factor)
    return Affine(one.constant + other.constant * times, moved, tuple(inner))
