"""Reads a sum of products of bytes, each less a zero point: ``C += (int32(A) - za) * (B - zb)``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

from heron_ms._tvm import (
    Add,
    BufferStore,
    Cast,
    Mul,
    Sub,
    TensorLoad,
    block_with,
    reduces,
    tirx,
    uses,
)
from heron_ms.normalization.compose import point, points
from heron_ms.normalization.output import at_same, goes_on, is_plain
from heron_ms.normalization.padding import is_zero
from heron_ms.tensorize.einsum import Einsum, Operand, read_sum
from heron_ms.tensorize.reasons import Refused

WIDE = "int32"
BYTES = ("int8", "uint8")

MOST_PRODUCTS = 1 << 15
"""Of one sum: each is below 2 to the 16th, and so all of them below 2 to the 31st."""


@dataclass(frozen=True)
class Factor:
    """``int32(load) - zero``, where the zero point is the same all through a sum."""

    load: Any
    zero: Any

    @property
    def dtype(self) -> str:
        """Of what is loaded."""
        return str(self.load.ty)

    @property
    def is_centred(self) -> bool:
        """Whether something comes off."""
        return not is_zero(self.zero)


@dataclass(frozen=True)
class Product:
    """A block that sums up products of two factors.

    plain: the same block without the zero points; einsum: how that reads. signs: whether both
    factors are unsigned, so that ``moved`` has to become signed; ``other`` stays as it is.
    """

    block: Any
    plain: Any
    einsum: Einsum
    moved: Factor
    other: Factor
    signs: bool

    @property
    def count(self) -> int:
        """How many products an element of the result is the sum of."""
        return prod(axis.extent for axis in self.einsum.axes if axis.reduces)

    def iterators(self, factor: Factor) -> tuple[int, ...]:
        """The positions of those that index a factor."""
        operands = (self.einsum.a, self.einsum.b)
        used = next(o.axes for o in operands if o.buffer.same_as(factor.load.source))
        return tuple(sorted(used))

    def terms(self, factor: Factor) -> int:
        """How many elements are added up for all sums of a factor."""
        return prod(self.einsum.extents[p] for p in self.iterators(factor))

    @property
    def offset(self) -> int:
        """What the signed copy is less than its factor."""
        return 128 if self.signs else 0

    @property
    def pays(self) -> bool:
        """Whether something stands in the way of an instruction, and is less work than the sum."""
        moves = self.moved.is_centred or self.other.is_centred
        most = max(self._beside(), default=prod(self.einsum.extents))
        return (moves or self.signs) and most < prod(self.einsum.extents)

    def _beside(self) -> Iterator[int]:
        """The iterations of the blocks that there would be besides."""
        if self.signs:
            yield prod(int(extent) for extent in self.moved.load.source.shape)
        if self.signs or self.moved.is_centred:
            yield self.terms(self.other)
        if self.other.is_centred:
            yield self.terms(self.moved)


def read_product(block: Any) -> Product | None:
    """A block as a sum of products of bytes; None for any other block."""
    factors = _factors(block)
    if factors is None or not goes_on(block) or block.init is None:
        return None
    plain = _plain(block, factors)
    try:
        einsum = read_sum(plain)
    except Refused:
        return None
    signs = all(factor.dtype == "uint8" for factor in factors)
    other, moved = factors if _has_lanes(einsum, einsum.b) else factors[::-1]
    product = Product(block, plain, einsum, moved, other, signs)
    known = is_plain(einsum) and at_same(block.init, block.body)
    return product if known and product.count < MOST_PRODUCTS else None


def _factors(block: Any) -> list[Factor] | None:
    store = block.body
    if not isinstance(store, BufferStore) or not isinstance(store.value, Add):
        return None
    products = [term for term in (store.value.a, store.value.b) if isinstance(term, Mul)]
    if len(products) != 1:
        return None
    varying = [iterator.var for iterator in block.iter_vars if reduces(iterator)]
    factors = [_factor(side, varying) for side in (products[0].a, products[0].b)]
    read = [factor for factor in factors if factor is not None]
    return read if len(read) == len(factors) else None


def _factor(side: Any, varying: list[Any]) -> Factor | None:
    """A side of a product as a factor; None where it is no byte less what does not vary."""
    byte, zero = _without_offset(side)
    if not isinstance(byte, Cast) or str(byte.ty) != WIDE:
        return None
    is_byte = isinstance(byte.value, TensorLoad) and str(byte.value.ty) in BYTES
    stays = not any(uses(zero, var) for var in varying)
    return Factor(byte.value, zero) if is_byte and stays else None


def _without_offset(side: Any) -> tuple[Any, Any]:
    """What anything is added to or taken off from, and how much comes off in all."""
    if not isinstance(side, (Add, Sub)):
        return side, tirx.const(0, WIDE)
    if isinstance(side, Sub):
        rest, zero = _without_offset(side.a)
        return rest, zero + side.b
    first, second = (side.b, side.a) if isinstance(side.b, Cast) else (side.a, side.b)
    rest, zero = _without_offset(first)
    return rest, zero - second


def _plain(block: Any, factors: list[Factor]) -> Any:
    """The block without the zero points."""
    store = block.body
    total = tirx.BufferLoad(store.buffer, store.indices)
    product = Mul(*(Cast(WIDE, factor.load) for factor in factors))
    return block_with(
        block,
        reads=points(product),
        writes=[point(store.buffer, store.indices)],
        body=BufferStore(store.buffer, Add(total, product), store.indices),
    )


def _has_lanes(einsum: Einsum, factor: Operand) -> bool:
    """Whether a factor is indexed by the last index of the result: an intrinsic's signed factor."""
    last = einsum.c.indices[-1]
    return any(einsum.axes[p].var.same_as(last) for p in factor.axes)
