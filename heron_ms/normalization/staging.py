"""`stage_predicated`: a factor that is loaded under a predicate, in a buffer of its own.

Before, as MetaSchedule's own workloads write a transposed convolution, and as no einsum is read::

    C[y, co] += if_then_else((y + r) % 2 == 0, A[(y + r) // 2, ci], 0) * B[r, ci, co]

After, with the factor padded, or dilated as here, by a block that copies::

    A_staged[y, ci] = if_then_else(y % 2 == 0, A[y // 2, ci], 0)
    C[y, co] += A_staged[y + r, ci] * B[r, ci, co]

The dimensions of the buffer are the sums of iterators that the factor depends on. Where two of them
share an iterator the program is left as it is, as the buffer might be larger than all it holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from heron_ms._tvm import (
    Add,
    Analyzer,
    BufferStore,
    Mul,
    PrimFunc,
    Range,
    SBlock,
    block_with,
    substitute,
    tirx,
)
from heron_ms.normalization.compose import point
from heron_ms.normalization.nests import block_of, nest
from heron_ms.normalization.predicated import Predicated, Sum, read_predicated
from heron_ms.normalization.rewrite import Rewrite, rewritten
from heron_ms.tensorize.einsum import Axis, read_axes
from heron_ms.tensorize.reasons import Refused


def stage_predicated(func: PrimFunc) -> PrimFunc:
    """The function with the predicated factors of its sums staged; itself where it has none."""
    return rewritten(func, _stage)


def _stage(rewrite: Rewrite, place: int) -> bool:
    """Stage the factors of a statement's block; false where none is under a predicate."""
    group = rewrite.statements[place]
    block = block_of(group[-1])
    if block is None or block.init is None:
        return False
    axes = _axes(block)
    predicated = read_predicated(block, axes)
    if predicated is None:
        return False
    copy = _copy(rewrite, block, axes, predicated)
    group[-1:] = [nest(copy), nest(_reading(block, axes, predicated, copy.body.buffer))]
    _stage(rewrite, place)
    return True


def _axes(block: Any) -> tuple[Axis, ...]:
    """The iterators; none of a block of which an extent is not known."""
    try:
        return read_axes(block)
    except Refused:
        return ()


def _copy(rewrite: Rewrite, block: Any, axes: Sequence[Axis], predicated: Predicated) -> Any:
    """The block that fills the buffer of a factor."""
    source = predicated.load.source
    iterators = [_iterator(axes, total) for total in predicated.sums]
    name = rewrite.fresh(f"{source.name}_staged")
    shape, layout = [iterator.dom.extent for iterator in iterators], source.ty.layout
    buffer = tirx.decl_buffer(
        shape, str(source.dtype), name, layout=None if layout is None else "default"
    )
    rewrite.buffers.append(buffer)
    at = [iterator.var for iterator in iterators]
    load, condition = _at(axes, predicated, at)
    value = tirx.if_then_else(condition, load, tirx.const(0, str(source.dtype)))
    reads, writes = [point(source, load.indices)], [point(buffer, at)]
    return SBlock(iterators, reads, writes, name, BufferStore(buffer, value, at))


def _iterator(axes: Sequence[Axis], dim: Sum) -> Any:
    old = axes[dim.unit].var
    dom = Range.from_min_extent(0, tirx.const(dim.extent(axes), str(old.ty)))
    return tirx.IterVar(dom, tirx.Var(str(old.name), old.ty), tirx.IterVar.DataPar)


def _at(axes: Sequence[Axis], predicated: Predicated, at: Sequence[Any]) -> tuple[Any, Any]:
    """The load and its condition, for the sums that are the indices ``at``."""
    dims = list(zip(predicated.sums, at, strict=True))
    zeros = {axes[p].var: _zero(axes[p].var) for total, _ in dims for p, _ in total.factors}
    values = zeros | {axes[total.unit].var: index for total, index in dims}
    load, condition = (substitute(expr, values) for expr in (predicated.load, predicated.condition))
    simplify = Analyzer().simplify
    return (
        tirx.BufferLoad(load.source, [simplify(index) for index in load.indices]),
        simplify(condition),
    )


def _zero(var: Any) -> Any:
    return tirx.const(0, str(var.ty))


def _reading(block: Any, axes: Sequence[Axis], predicated: Predicated, buffer: Any) -> Any:
    """The block with the buffer in the place of the factor."""
    product, store = predicated.product, block.body
    factors = [product.a, product.b]
    old, at = factors[predicated.side], [_index(axes, total) for total in predicated.sums]
    factors[predicated.side] = tirx.BufferLoad(buffer, at).astype(str(old.ty))
    terms = [
        Mul(*factors) if term.same_as(product) else term for term in (store.value.a, store.value.b)
    ]
    body = BufferStore(store.buffer, Add(*terms), store.indices)
    reads = [
        point(buffer, at) if region.source.same_as(predicated.load.source) else region
        for region in block.reads
    ]
    return block_with(block, reads=reads, body=body)


def _index(axes: Sequence[Axis], dim: Sum) -> Any:
    index: Any = 0
    for p, factor in dim.factors:
        index = index + (axes[p].var if factor == 1 else axes[p].var * factor)
    return index
