"""`multiply_out`: zero points inside a sum of products of bytes, and two unsigned factors.

Before, which no vector instruction adds up, as it multiplies unsigned by signed bytes and nothing
less::

    C[i, j] += (int32(A[i, k]) - za) * (int32(B[j, k]) - zb)             A and B unsigned

After, where 128 comes off B, so that it is signed, and the sum is over K products::

    B_signed[j, k] = int8(B[j, k] ^ 128)
    A_sum[i] += int32(A[i, k])
    B_sum[j] += int32(B[j, k])
    C_sum[i, j] += int32(A[i, k]) * int32(B_signed[j, k])
    C[i, j] = C_sum[i, j] - (zb - 128) * A_sum[i] - za * (B_sum[j] - K * zb)

A zero point is whatever stays the same all through a sum; what is zero is left out. Both factors
stay unsigned where the machine has an instruction that takes them so and suits the sum. Where each
element serves one product alone, as in a depthwise convolution, adding up the factors would take as
long as the products do, and the program is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from math import prod
from typing import Any

from heron_ms._tvm import (
    BufferStore,
    Cast,
    Mul,
    PrimFunc,
    Range,
    SBlock,
    substitute,
    tirx,
)
from heron_ms.hardware import Machine
from heron_ms.intrinsics import listed
from heron_ms.normalization.centred import WIDE, Factor, Product, read_product
from heron_ms.normalization.compose import point, points
from heron_ms.normalization.nests import block_of, nest
from heron_ms.normalization.padding import is_zero
from heron_ms.normalization.rewrite import Rewrite, rewritten
from heron_ms.normalization.sums import finished, own_buffer, sum_buffer, summed
from heron_ms.tensorize import Mapping, match_block

SIGN_BIT = 128


def multiply_out(func: PrimFunc, machine: Machine | None = None) -> PrimFunc:
    """The function with the zero points of its sums outside of them; itself where it has none.

    Exact: no sum that it makes has so many terms that it could overflow. machine: the one that is
    to compute it, where that is known.
    """
    return rewritten(func, partial(_multiply_out, machine=machine))


def _multiply_out(rewrite: Rewrite, place: int, machine: Machine | None) -> bool:
    """Replace the sum of a statement; false where it has no zero points, or they cost little."""
    group = rewrite.statements[place]
    block = block_of(group[-1])
    product = None if block is None else read_product(block)
    if product is not None and product.signs and _multiplies_unsigned(machine, product):
        product = replace(product, signs=False)
    if product is None or not product.pays:
        return False
    group[-1:] = [nest(made) for made in _Outside(rewrite, product).blocks()]
    return True


def _multiplies_unsigned(machine: Machine | None, product: Product) -> bool:
    """Whether a machine multiplies two unsigned factors, by an instruction that suits the sum."""
    known = [] if machine is None else listed(machine)
    able = [intrinsic for intrinsic in known if intrinsic.accepts(*product.einsum.dtypes)]
    return bool(able) and isinstance(match_block(product.plain, able), Mapping)


class _Outside:
    """The blocks that a product becomes, in a program that is being rewritten."""

    def __init__(self, rewrite: Rewrite, product: Product) -> None:
        self._rewrite, self._product = rewrite, product
        self._before: list[Any] = []

    def blocks(self) -> list[Any]:
        """In the order in which they run."""
        product, block = self._product, self._product.block
        at = list(block.body.indices)
        terms = list(self._subtrahends())
        moved = self._signed(product.moved.load) if product.signs else product.moved.load
        factors = (Cast(WIDE, product.other.load), Cast(WIDE, moved))
        total = sum_buffer(self._rewrite, product.einsum)
        summing = summed(block, Mul(*factors), total, at, block.init.value)
        value = tirx.BufferLoad(total, at)
        for term in terms:
            value = value - term
        return [*self._before, summing, finished(self._rewrite, block, value, "centred")]

    def _subtrahends(self) -> Iterator[Any]:
        """What comes off for each zero point, at the element that the block sums up."""
        product, moved, other = self._product, self._product.moved, self._product.other
        offset = moved.zero - product.offset
        if not is_zero(offset):
            yield offset * self._sum(other)
        if other.is_centred:
            yield other.zero * (self._sum(moved) - tirx.const(product.count, WIDE) * moved.zero)

    def _sum(self, factor: Factor) -> Any:
        """The sum of a factor over all products, of a block that adds its elements up."""
        product, block = self._product, self._product.block
        iterators = [block.iter_vars[p] for p in product.iterators(factor)]
        spatial = [it for it in iterators if it.iter_type == tirx.IterVar.DataPar]
        source = factor.load.source
        shape = [it.dom.extent for it in spatial]
        total = own_buffer(self._rewrite, f"{source.name}_sum", shape, WIDE, source)
        fresh = {it.var: tirx.Var(str(it.var.name), it.var.ty) for it in iterators}
        renamed = [tirx.IterVar(it.dom, fresh[it.var], it.iter_type) for it in iterators]
        at = [fresh[it.var] for it in spatial]
        added = Cast(WIDE, substitute(factor.load, fresh))
        value = tirx.BufferLoad(total, at) + added
        begin = BufferStore(total, tirx.const(0, WIDE), at)
        self._add(renamed, BufferStore(total, value, at), points(added), begin)
        reduced = prod(int(it.dom.extent) for it in iterators if it not in spatial)
        sum_of_all = tirx.BufferLoad(total, [it.var for it in spatial])
        return sum_of_all * tirx.const(product.count // reduced, WIDE)

    def _signed(self, load: Any) -> Any:
        """The same element of a copy with flipped sign bits, which is 128 less and signed."""
        source = load.source
        at = [tirx.Var(f"v_{dim}", index.ty) for dim, index in enumerate(load.indices)]
        copy = own_buffer(self._rewrite, f"{source.name}_signed", source.shape, "int8", source)
        flipped = tirx.bitwise_xor(tirx.BufferLoad(source, at), tirx.const(SIGN_BIT, "uint8"))
        iterators = [_over(var, extent) for var, extent in zip(at, source.shape, strict=True)]
        self._add(iterators, BufferStore(copy, Cast("int8", flipped), at), points(flipped))
        return tirx.BufferLoad(copy, load.indices)

    def _add(self, iterators: list[Any], store: Any, reads: list[Any], init: Any = None) -> None:
        writes = [point(store.buffer, store.indices)]
        name = str(store.buffer.name)
        self._before.append(SBlock(iterators, reads, writes, name, store, init))


def _over(var: Any, extent: Any) -> Any:
    return tirx.IterVar(Range(0, extent), var, tirx.IterVar.DataPar)
