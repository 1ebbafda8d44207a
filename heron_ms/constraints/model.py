"""The problem under construction: variables, constraints, and each variable's present value.

The interpreter walks a trace whose decisions are one example; every variable carries the value
that it has in that example, which is how a symbolic extent is checked against the concrete loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod

from heron_ms.csp import LARGEST, Constraint, Operand, Problem, Prod, Sum, Variable
from heron_ms.csp.meaning import Meaning


class Model:
    """Variables and constraints in the order in which the rules emit them."""

    def __init__(self) -> None:
        self.values: dict[str, int] = {}
        self.preferences: list[Constraint] = []
        self._variables: dict[str, Variable] = {}
        self._constraints: list[Constraint] = []
        self._products: dict[tuple[Operand, ...], Operand] = {}

    def variable(
        self,
        name: str,
        domain: range | tuple[int, ...],
        value: int,
        role: str = "auxiliary",
        meaning: Meaning | None = None,
    ) -> str:
        """A new variable; a name that is taken gets a number."""
        unique, number = name, 1
        while unique in self._variables:
            number += 1
            unique = f"{name}~{number}"
        self._variables[unique] = Variable(unique, domain, role, meaning)
        self.values[unique] = value
        return unique

    def add(self, constraint: Constraint) -> None:
        """Emit a constraint once."""
        if constraint not in self._constraints:
            self._constraints.append(constraint)

    def prefer(self, constraint: Constraint) -> None:
        """Emit a constraint that only costs time to break (`preferences`)."""
        self.add(constraint)
        self.preferences.append(constraint)

    def value(self, operand: Operand) -> int:
        """What an operand is in the example."""
        return operand if isinstance(operand, int) else self.values[operand]

    def highest(self, operand: Operand) -> int:
        """The largest value that an operand can take."""
        return operand if isinstance(operand, int) else self._variables[operand].domain[-1]

    def divides(self, factor: int, operand: Operand) -> bool:
        """Whether an operand is a multiple of a factor, whatever its variables are."""
        if isinstance(operand, int):
            return operand % factor == 0
        constants = (
            prod(part for part in parts if isinstance(part, int))
            for parts, product in self._products.items()
            if product == operand
        )
        return any(constant % factor == 0 for constant in constants)

    def means(self, name: str, meaning: Meaning) -> None:
        """Say what a variable is, once that is known."""
        self._variables[name] = replace(self._variables[name], meaning=meaning)

    def product(
        self,
        name: str,
        factors: Sequence[Operand],
        rule: str,
        role: str = "auxiliary",
        meaning: Meaning | None = None,
    ) -> Operand:
        """An operand equal to the product of others: folded where constant, shared where known."""
        constant = prod(factor for factor in factors if isinstance(factor, int))
        named = sorted(factor for factor in factors if isinstance(factor, str))
        if not named or constant == 0:
            return constant
        if len(named) == 1 and constant == 1:
            return named[0]
        key: tuple[Operand, ...] = (*named, *([constant] if constant != 1 else []))
        if key not in self._products:
            # Bounds of several axes multiplied may pass what a variable holds; no program does.
            highest = min(constant * prod(self.highest(factor) for factor in named), LARGEST)
            value = constant * prod(self.value(factor) for factor in named)
            target = self.variable(name, range(1, highest + 1), value, role, meaning)
            self.add(Prod(target, key, rule=rule))
            self._products[key] = target
        return self._products[key]

    def total(
        self, name: str, terms: Sequence[Operand], rule: str, meaning: Meaning | None = None
    ) -> Operand:
        """An operand equal to the sum of others."""
        if all(isinstance(term, int) for term in terms):
            return sum(self.value(term) for term in terms)
        highest = min(sum(self.highest(term) for term in terms), LARGEST)
        value = sum(self.value(term) for term in terms)
        target = self.variable(name, range(highest + 1), value, meaning=meaning)
        self.add(Sum(target, tuple(terms), rule=rule))
        return target

    def problem(self) -> Problem:
        """The finished CSP."""
        return Problem(tuple(self._variables.values()), tuple(self._constraints))
