"""Indices as sums of loop variables times constants, or a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import floordiv, mod
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
        return self.divided(size)[0]

    def divided(self, size: int) -> tuple[Affine, Affine]:
        """What every factor and the constant are whole times ``size``, and the rests of them."""
        parts = [
            Affine(
                of(self.constant, size),
                tuple((variable, of(factor, size)) for variable, factor in self.outer),
                tuple(of(factor, size) for factor in self.inner),
            )
            for of in (floordiv, mod)
        ]
        return parts[0], parts[1]

    def split(self, tile: int) -> tuple[Affine, Affine]:
        """The number of the tile that it is in, and the place within, where loops keep to one.

        Raises `FaultError` where it begins within a tile.
        """
        starts = [self.constant, *(factor for _, factor in self.outer)]
        if any(start % tile for start in starts):
            raise FaultError(f"{self} begins within {tile}", "affine")
        whole = tuple(0 if factor % tile else factor // tile for factor in self.inner)
        within = tuple(factor if factor % tile else 0 for factor in self.inner)
        outer = tuple((variable, factor // tile) for variable, factor in self.outer)
        return Affine(self.constant // tile, outer, whole), Affine(0, (), within)

    def cut(self, cuts: Mapping[int, int]) -> Affine:
        """With some loops in two, by position the extent of the inner part."""
        parts = (
            (factor * cuts[loop], factor) if loop in cuts else (factor,)
            for loop, factor in enumerate(self.inner)
        )
        return Affine(self.constant, self.outer, tuple(f for part in parts for f in part))

    def plus(self, other: Affine, times: int) -> Affine:
        """The sum with so many times another one of the same nest."""
        outer = dict(self.outer)
        for variable, factor in other.outer:
            outer[variable] = outer.get(variable, 0) + factor * times
        inner = (a + b * times for a, b in zip(self.inner, other.inner, strict=True))
        moved = tuple((variable, factor) for variable, factor in outer.items() if factor)
        return Affine(self.constant + other.constant * times, moved, tuple(inner))


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
