"""What every constraint kind answers; the solver asks these questions, never which kind it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from heron_ms.csp.intervals import Bounds, Interval
from heron_ms.csp.variable import LARGEST, Operand

Column: TypeAlias = Any
"""One value (int or float) or an array of shape [rows]."""
Columns: TypeAlias = Mapping[str, Column]
"""A value, or a column of values, for each variable. int64 columns wrap where a product passes
2^63; the solver passes float64, which is exact as far as any domain reaches."""


class Constraint(ABC):
    """A relation over the integer variables of a problem. Kinds: Heron's six."""

    rule: str

    @abstractmethod
    def operands(self) -> tuple[Operand, ...]:
        """All operands, variables and constants, in printing order."""

    @abstractmethod
    def mask(self, columns: Columns) -> Any:
        """Whether it holds: a bool, or a bool array of shape [rows]."""

    @abstractmethod
    def violation(self, columns: Columns) -> Any:
        """By how much it is violated: a float, or a float64 array of shape [rows].

        0 exactly where `mask` holds, else above 0 and at most 3: a relative difference, so that
        bytes and tile factors weigh alike in a sum over constraints (`distance.py`).
        """

    @abstractmethod
    def prune(self, bounds: Bounds) -> None:
        """Tighten `bounds` without losing a solution; on points this is the same as `mask`."""

    @abstractmethod
    def __str__(self) -> str: ...

    def variables(self) -> tuple[str, ...]:
        """The names it mentions, each once, in order."""
        return names_in(self.operands())

    def holds(self, assignment: Mapping[str, int]) -> bool:
        """Whether it holds on one assignment; exact for integers of any size."""
        return bool(self.mask(assignment))

    def targets(self) -> tuple[str, ...]:
        """The variables whose value it can define from its other operands."""
        return ()

    def inputs(self, target: str) -> tuple[str, ...]:
        """The variables that `value(target, ...)` reads."""
        raise NotImplementedError(f"{self} defines no variable")

    def value(self, target: str, columns: Columns) -> Column:
        """The value that `target` must have given the other operands."""
        raise NotImplementedError(f"{self} defines no variable")

    def inverses(self, intervals: Mapping[str, Interval]) -> tuple[str, ...]:
        """The other operands that it determines in turn, given intervals of all variables."""
        return ()

    def requires(self, target: str) -> tuple[Constraint, ...]:
        """What must be checked besides where `value(target, ...)` is used."""
        return ()

    def products(self) -> tuple[tuple[Operand, tuple[Operand, ...]], ...]:
        """It read as (target, factors) pairs, where it says that a product equals a target."""
        return ()

    def allowed(self) -> tuple[str, frozenset[int] | range] | None:
        """It read as a set of values for one variable, where it is no more than that."""
        return None

    def check_size(self, largest: Mapping[str, int]) -> None:
        """Raise ValueError where the magnitudes `largest` could make float64 inexact."""
        for operand in self.operands():
            if isinstance(operand, int) and abs(operand) > LARGEST:
                raise ValueError(f"{self}: the constant {operand} is beyond 2^48")


def read(columns: Columns, operand: Operand) -> Column:
    """The column of a variable, or the constant."""
    return operand if isinstance(operand, int) else columns[operand]


def names_in(operands: Iterable[Operand]) -> tuple[str, ...]:
    """The distinct variable names among `operands`, in order."""
    return tuple(dict.fromkeys(o for o in operands if isinstance(o, str)))


def magnitudes(operands: Iterable[Operand], largest: Mapping[str, int]) -> list[int]:
    """The greatest absolute value of each operand."""
    return [abs(o) if isinstance(o, int) else largest[o] for o in operands]
