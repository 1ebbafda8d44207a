"""Ordered factorisations: the table behind every split of a loop of known extent."""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


def divisors(number: int) -> list[int]:
    """All positive divisors of a positive integer, ascending."""
    products, rest, prime = [1], number, 2
    while prime * prime <= rest:
        powers = [1]
        while rest % prime == 0:
            rest //= prime
            powers.append(powers[-1] * prime)
        products = [f * p for f in products for p in powers]
        prime += 1
    if rest > 1:
        products += [f * rest for f in products]
    return sorted(products)


@lru_cache(maxsize=2**14)
def raised(factor: int, other: int) -> tuple[int, int] | None:
    """A factor raised to the next divisor of its product with another, and what that leaves it.

    None where the other is 1, so that there is nothing to take. Both are positive.
    """
    product = factor * other
    larger = next((divisor for divisor in divisors(product) if divisor > factor), None)
    return None if larger is None else (larger, product // larger)


def ordered_factorizations(
    number: int,
    parts: int,
    domains: Sequence[Container[int]] | None = None,
    limit: int | None = None,
) -> NDArray[np.int64]:
    """All ways to write `number` as an ordered product of `parts` positive factors.

    Returns int64 [rows, parts] in lexicographic order of divisors, factor p of every row taken
    from `domains[p]` where given. Raises ValueError for a number or a count of parts below 1, and
    OverflowError where the rows pass `limit`.
    """
    if number < 1 or parts < 1:
        raise ValueError(f"cannot write {number} as a product of {parts} positive factors")
    every = divisors(number)
    rest = np.array([number], np.int64)
    table = np.empty((1, 0), np.int64)
    for part in range(parts - 1):
        usable = [d for d in every if domains is None or d in domains[part]]
        table, rest = _extend(table, rest, usable, limit)
    if domains is not None:
        last = np.array([d for d in every if d in domains[parts - 1]], np.int64)
        keep = np.isin(rest, last)
        table, rest = table[keep], rest[keep]
    return np.column_stack([table, rest])


def _extend(
    table: NDArray[np.int64], rest: NDArray[np.int64], usable: list[int], limit: int | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Append every usable divisor of what is left of each row."""
    rows, factors, size = [np.empty(0, np.int64)], [np.empty(0, np.int64)], 0
    for divisor in usable:
        hits = np.flatnonzero(rest % divisor == 0)
        rows.append(hits)
        factors.append(np.full(len(hits), divisor, np.int64))
        size += len(hits)
        if limit is not None and size > limit:
            raise OverflowError(f"more than {limit} ordered factorisations")
    row, factor = np.concatenate(rows), np.concatenate(factors)
    order = np.argsort(row, kind="stable")
    row, factor = row[order], factor[order]
    return np.column_stack([table[row], factor]), rest[row] // factor
