"""Find the products of free variables with a fixed result: each is one table of factorisations.

Where two products share a factor (a tile size that two loops are split by), the second table has
a copy of it, and an equation ties the copy to the original.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heron_ms.csp.compile.definitions import Definition
from heron_ms.csp.compile.factorize import ordered_factorizations
from heron_ms.csp.compile.tables import ListTable
from heron_ms.csp.constraints import Constraint, Eq
from heron_ms.csp.variable import Operand

MOST_ROWS = 2**20
"""Rows of the largest table of factorisations; a longer product is left as a check."""

Domains = Mapping[str, range | tuple[int, ...]]


@dataclass(frozen=True)
class Split:
    """A constraint, the table that enforces it, and the original of each copied variable."""

    constraint: Constraint
    table: ListTable
    copies: Mapping[str, str]

    def equations(self) -> tuple[Constraint, ...]:
        """What ties the copies to their originals."""
        return tuple(Eq(copy, name) for copy, name in self.copies.items())


def split_tables(
    constraints: Sequence[Constraint],
    domains: Domains,
    chosen: Mapping[str, Definition],
    fixed: Mapping[str, float],
) -> list[Split]:
    """Every such product, with its table; each introduces at least one variable.

    `domains` are those of the variables that nothing defines. A factor that is itself a product
    is unfolded, so that splitting a split gives one table over the innermost factors.
    """
    defining = {id(d.constraint) for d in chosen.values()}
    owned, splits = set[str](), list[Split]()
    for constraint in constraints:
        if id(constraint) in defining:
            continue
        for target, factors in constraint.products():
            number, leaves = _unfolded(target, factors, chosen, fixed)
            rows = None if owned.issuperset(leaves) else _rows(number, leaves, domains)
            if rows is not None:
                names = [f"{n}\0{len(splits)}" if n in owned else n for n in leaves]
                copies = {c: n for c, n in zip(names, leaves, strict=True) if c != n}
                table = ListTable(tuple(names), tuple(rows.T.astype(float)))
                splits.append(Split(constraint, table, copies))
                owned.update(leaves)
                break
    return splits


def _unfolded(
    target: Operand,
    factors: tuple[Operand, ...],
    chosen: Mapping[str, Definition],
    fixed: Mapping[str, float],
) -> tuple[float, list[str]]:
    """What the innermost factors multiply to, and those factors.

    The number is 0 where the target is not fixed or something is not a product of whole numbers.
    """

    def known(operand: Operand) -> float | None:
        return operand if isinstance(operand, int) else fixed.get(operand)

    number = known(target) or 0
    leaves: list[str] = []
    todo = list(reversed(factors))
    while todo and number > 0:
        factor = todo.pop()
        value = known(factor)
        if value is not None:
            number = number / value if value > 0 and number % value == 0 else 0
        elif isinstance(factor, str) and factor not in chosen:
            leaves.append(factor)
        elif isinstance(factor, str):
            pairs = dict(chosen[factor].constraint.products())
            if factor not in pairs:
                return 0, []
            todo.extend(reversed(pairs[factor]))
    return number, leaves


def _rows(number: float, leaves: Sequence[str], domains: Domains) -> NDArray[np.int64] | None:
    """The ordered factorisations of `number`; None where the leaves are not all free."""
    free = all(name in domains and domains[name][0] >= 0 for name in leaves)
    if number < 1 or not leaves or len(set(leaves)) < len(leaves) or not free:
        return None
    try:
        return ordered_factorizations(
            int(number), len(leaves), [domains[name] for name in leaves], MOST_ROWS
        )
    except OverflowError:
        return None
