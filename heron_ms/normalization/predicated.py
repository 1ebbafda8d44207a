"""Reads a factor of an einsum that is loaded under a predicate, and what its value depends on.

``if_then_else((y + r) % 2 == 0, A[(y + r) // 2, c], 0)`` depends on y + r and on c alone. Such sums
of iterators are to be the dimensions of a buffer that holds the factor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd
from typing import Any

from heron_ms._tvm import (
    Add,
    BufferStore,
    Cast,
    Expr,
    Mul,
    outermost_where,
    tirx,
)
from heron_ms.normalization.compose import copied, where
from heron_ms.normalization.padding import Choice, choice_of, is_zero
from heron_ms.normalization.sliding import read_linear
from heron_ms.tensorize.einsum import Axis


@dataclass(frozen=True)
class Sum:
    """Iterators, by position, times positive factors, one of them times one."""

    factors: tuple[tuple[int, int], ...]

    @property
    def unit(self) -> int:
        """An iterator that is taken once."""
        return next(p for p, factor in self.factors if factor == 1)

    def extent(self, axes: Sequence[Axis]) -> int:
        """One more than the largest value."""
        return 1 + sum(factor * (axes[p].extent - 1) for p, factor in self.factors)

    def is_gapless(self, axes: Sequence[Axis]) -> bool:
        """Whether it takes on every value from zero to its largest."""
        reached = 0
        for p, factor in sorted(self.factors, key=lambda term: term[1]):
            if axes[p].extent > 1 and factor > reached + 1:
                return False
            reached += factor * (axes[p].extent - 1)
        return True


@dataclass(frozen=True)
class Predicated:
    """A factor of a product, side 0 or 1: a load, its condition, and the sums they depend on."""

    product: Any
    side: int
    load: Any
    condition: Any
    sums: tuple[Sum, ...]


def read_predicated(block: Any, axes: Sequence[Axis]) -> Predicated | None:
    """The first factor of a block's sum of products that is under a predicate; None if none is."""
    product = _product(block.body)
    for side, factor in enumerate((product.a, product.b) if product is not None else ()):
        choice = _choice(factor)
        sums = None if choice is None else _sums(choice, axes)
        if choice is not None and sums is not None:
            return Predicated(product, side, choice.value, choice.condition, sums)
    return None


def _product(body: Any) -> Any | None:
    """The product of ``C[...] = C[...] + a * b``."""
    if not isinstance(body, BufferStore) or not isinstance(body.value, Add):
        return None
    terms = [term for term in (body.value.a, body.value.b) if isinstance(term, Mul)]
    return terms[0] if len(terms) == 1 else None


def _choice(factor: Any) -> Choice | None:
    """A factor's choice between a load and zero, with a cast outside or inside left out."""
    choice = choice_of(_uncast(factor))
    if choice is None or not is_zero(choice.otherwise):
        return None
    twice = isinstance(factor, Cast) and isinstance(choice.value, Cast)
    load = _uncast(choice.value)
    value = where(choice.condition, load, tirx.const(0, str(load.ty)))
    return None if twice or copied(value) is None else choice_of(value)


def _uncast(value: Any) -> Any:
    return value.value if isinstance(value, Cast) else value


def _sums(choice: Choice, axes: Sequence[Axis]) -> tuple[Sum, ...] | None:
    """The sums of iterators that a choice depends on; None where they share an iterator."""
    parts = [
        part
        for value in (*choice.value.indices, choice.condition)
        for part in outermost_where(value, Expr, lambda expr: _is_sum(expr, axes))
    ]
    distinct = list(dict.fromkeys(_sum(part, axes) for part in parts))
    used = [p for total in distinct if total is not None for p, _ in total.factors]
    if None in distinct or len(used) != len(set(used)):
        return None
    sums = tuple(total for total in distinct if total is not None)
    return sums if all(total.is_gapless(axes) for total in sums) else None


def _is_sum(expr: Any, axes: Sequence[Axis]) -> bool:
    linear = read_linear(axes, expr)
    return linear is not None and bool(linear.terms)


def _sum(expr: Any, axes: Sequence[Axis]) -> Sum | None:
    """A sum without its offset, and in smallest terms; None where some iterators count down."""
    linear = read_linear(axes, expr)
    terms: Mapping[int, int] = {} if linear is None else linear.terms
    divisor = gcd(*terms.values()) * (-1 if terms and max(terms.values()) < 0 else 1)
    factors = tuple(sorted((p, factor // divisor) for p, factor in terms.items()))
    usable = min(factor for _, factor in factors) == 1
    return Sum(factors) if usable else None
