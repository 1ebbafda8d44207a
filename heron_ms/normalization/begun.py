"""`begin_at_zero`: a sum that begins with a bias, or with what is there already.

Before, with a bias as its init, or without an init, as an accumulation in place is written::

    with init: C[i, j] = S[j]
    C[i, j] += A[i, k] * B[k, j]

After, so that the sum can be padded and accumulated in registers::

    with init: C_sum[i, j] = 0
    C_sum[i, j] += A[i, k] * B[k, j]
    C[i, j] = S[j] + C_sum[i, j]

The last block is computed where the sum is written back, unless it reads what it writes.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import (
    Add,
    BufferStore,
    Mul,
    PrimFunc,
    tirx,
)
from heron_ms.normalization.nests import block_of, nest
from heron_ms.normalization.output import at_same, goes_on, is_plain
from heron_ms.normalization.padding import is_zero
from heron_ms.normalization.rewrite import Rewrite, rewritten
from heron_ms.normalization.sums import finished, sum_buffer, summed
from heron_ms.tensorize.einsum import Einsum, read_sum
from heron_ms.tensorize.reasons import Refused


def begin_at_zero(func: PrimFunc) -> PrimFunc:
    """The function with its sums of products begun at zero; itself where they all are."""
    return rewritten(func, _begin)


def _begin(rewrite: Rewrite, place: int) -> bool:
    """Split the sum of a statement from what it begins with; false where it is no such sum."""
    group = rewrite.statements[place]
    block = block_of(group[-1])
    einsum = None if block is None else _einsum(block)
    if block is None or einsum is None:
        return False
    total = sum_buffer(rewrite, einsum)
    group[-1:] = [nest(_sum(block, einsum, total)), nest(_rest(rewrite, block, einsum, total))]
    return True


def _einsum(block: Any) -> Einsum | None:
    """The block as an einsum that begins with something else than zero; None for any other."""
    if isinstance(block.init, BufferStore) and is_zero(block.init.value):
        return None
    try:
        einsum = read_sum(block)
    except Refused:
        return None
    known = goes_on(block) and (block.init is None or at_same(block.init, block.body))
    aliased = any(einsum.c.buffer.same_as(factor.buffer) for factor in (einsum.a, einsum.b))
    return einsum if known and is_plain(einsum) and not aliased else None


def _sum(block: Any, einsum: Einsum, total: Any) -> Any:
    """The block with a buffer of its own for C."""
    [product] = [term for term in (block.body.value.a, block.body.value.b) if isinstance(term, Mul)]
    at = list(einsum.c.indices)
    return summed(block, product, total, at, tirx.const(0, einsum.c.dtype))


def _rest(rewrite: Rewrite, block: Any, einsum: Einsum, total: Any) -> Any:
    """The block that adds what the sum begins with."""
    at = list(einsum.c.indices)
    begin = tirx.BufferLoad(einsum.c.buffer, at) if block.init is None else block.init.value
    return finished(rewrite, block, Add(begin, tirx.BufferLoad(total, at)), "begun")
