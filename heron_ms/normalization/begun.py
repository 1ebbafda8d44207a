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
    SBlock,
    substitute,
    tirx,
)
from heron_ms.normalization.compose import point, points
from heron_ms.normalization.nests import block_of, nest, read_program
from heron_ms.normalization.output import at_same, goes_on
from heron_ms.normalization.padding import is_zero
from heron_ms.normalization.rewrite import Rewrite
from heron_ms.tensorize.einsum import Einsum, read_sum
from heron_ms.tensorize.reasons import Refused


def begin_at_zero(func: PrimFunc) -> PrimFunc:
    """The function with its sums of products begun at zero; itself where they all are."""
    program = read_program(func)
    if program is None:
        return func
    rewrite = Rewrite(program)
    changed = [_begin(rewrite, place) for place in range(len(program.statements))]
    return rewrite.result() if any(changed) else func


def _begin(rewrite: Rewrite, place: int) -> bool:
    """Split the sum of a statement from what it begins with; false where it is no such sum."""
    group = rewrite.statements[place]
    block = block_of(group[-1])
    einsum = None if block is None else _einsum(block)
    if block is None or einsum is None:
        return False
    total = _total(rewrite, einsum)
    group[-1:] = [nest(_sum(block, einsum, total)), nest(_rest(rewrite, block, total))]
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
    return einsum if known and _is_plain(einsum) and not aliased else None


def _is_plain(einsum: Einsum) -> bool:
    """Whether the indices of C are its spatial iterators, each once."""
    spatial = [axis.var for axis in einsum.axes if not axis.reduces]
    once = all(sum(var.same_as(at) for at in einsum.c.indices) == 1 for var in spatial)
    return once and len(spatial) == len(einsum.c.indices)


def _total(rewrite: Rewrite, einsum: Einsum) -> Any:
    """A buffer of the program's own for the sum."""
    extents = [
        next(axis.extent for axis in einsum.axes if axis.var.same_as(at)) for at in einsum.c.indices
    ]
    shape = [tirx.const(n, str(at.ty)) for n, at in zip(extents, einsum.c.indices, strict=True)]
    layout = None if einsum.c.buffer.ty.layout is None else "default"
    name = rewrite.fresh(f"{einsum.c.buffer.name}_sum")
    buffer = tirx.decl_buffer(shape, einsum.c.dtype, name, layout=layout)
    rewrite.buffers.append(buffer)
    return buffer


def _sum(block: Any, einsum: Einsum, total: Any) -> Any:
    """The block with a buffer of its own for C."""
    at = list(einsum.c.indices)
    [product] = [term for term in (block.body.value.a, block.body.value.b) if isinstance(term, Mul)]
    return SBlock(
        block.iter_vars,
        points(product),
        [point(total, at)],
        block.name_hint,
        BufferStore(total, Add(tirx.BufferLoad(total, at), product), at),
        BufferStore(total, tirx.const(0, einsum.c.dtype), at),
        annotations=block.annotations,
    )


def _rest(rewrite: Rewrite, block: Any, total: Any) -> Any:
    """The block that adds what the sum begins with."""
    spatial = [
        iterator for iterator in block.iter_vars if iterator.iter_type == tirx.IterVar.DataPar
    ]
    fresh = {
        iterator.var: tirx.Var(str(iterator.var.name), iterator.var.ty) for iterator in spatial
    }
    store = block.body if block.init is None else block.init
    at = [substitute(index, fresh) for index in store.indices]
    begin = tirx.BufferLoad(store.buffer, at) if block.init is None else store.value
    value = Add(substitute(begin, fresh), tirx.BufferLoad(total, at))
    return SBlock(
        [
            tirx.IterVar(iterator.dom, fresh[iterator.var], iterator.iter_type)
            for iterator in spatial
        ],
        points(value),
        [point(store.buffer, at)],
        rewrite.fresh(f"{block.name_hint}_begun"),
        BufferStore(store.buffer, value, at),
    )
