"""A sum taken out of a block: its buffer, the block that adds it up, the one that uses it."""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import Add, BufferStore, SBlock, block_with, substitute, tirx
from heron_ms.normalization.compose import point, points
from heron_ms.normalization.rewrite import Rewrite
from heron_ms.tensorize.einsum import Einsum


def sum_buffer(rewrite: Rewrite, einsum: Einsum) -> Any:
    """A buffer of the program's own for what an einsum with plain indices adds up."""
    extents = [
        next(axis.extent for axis in einsum.axes if axis.var.same_as(at)) for at in einsum.c.indices
    ]
    shape = [tirx.const(n, str(at.ty)) for n, at in zip(extents, einsum.c.indices, strict=True)]
    return own_buffer(
        rewrite, f"{einsum.c.buffer.name}_sum", shape, einsum.c.dtype, einsum.c.buffer
    )


def own_buffer(rewrite: Rewrite, name: str, shape: Any, dtype: str, like: Any) -> Any:
    """A buffer of the program's own, with a layout where another one has one."""
    layout = None if like.ty.layout is None else "default"
    buffer = tirx.decl_buffer(list(shape), dtype, rewrite.fresh(name), layout=layout)
    rewrite.buffers.append(buffer)
    return buffer


def summed(block: Any, summand: Any, total: Any, at: list[Any], begin: Any) -> Any:
    """The block with another summand, added up in another buffer, from a value to begin with."""
    return block_with(
        block,
        reads=points(summand),
        writes=[point(total, at)],
        body=BufferStore(total, Add(tirx.BufferLoad(total, at), summand), at),
        init=BufferStore(total, begin, at),
    )


def finished(rewrite: Rewrite, block: Any, value: Any, name: str) -> Any:
    """The elementwise block that writes a value, of a sum say, where a block wrote its sum."""
    spatial = [it for it in block.iter_vars if it.iter_type == tirx.IterVar.DataPar]
    fresh = {it.var: tirx.Var(str(it.var.name), it.var.ty) for it in spatial}
    at = [substitute(index, fresh) for index in block.body.indices]
    value = substitute(value, fresh)
    return SBlock(
        [tirx.IterVar(it.dom, fresh[it.var], it.iter_type) for it in spatial],
        points(value),
        [point(block.body.buffer, at)],
        rewrite.fresh(f"{block.name_hint}_{name}"),
        BufferStore(block.body.buffer, value, at),
    )
