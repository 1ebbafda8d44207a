"""Normalisation of a block without rows, or without lanes: an iterator of extent one is added.

Before: ``C[j] += A[k] * B[k, j]``, which an intrinsic that multiplies matrices has no iterator of
the block for. After, with i < 1::

    A_1[i, k] = A[i * K + k]
    C_1[i, j] += A_1[i, k] * B[k, j]
    C[j] += C_1[i, j]

The intrinsic's tile then pads i, so that all but one of its rows are zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from heron_ms._tvm import SBlockRV, Schedule, any_uses, index_map, tirx
from heron_ms.tensorize.einsum import DEPTH, LANES, ROWS, Axis, Einsum, Operand, Vector
from heron_ms.tensorize.layout import plain_axis

ADDABLE: tuple[Vector, ...] = (ROWS, LANES)
"""The characteristic vectors that an iterator may be added with."""


def with_unit(einsum: Einsum, vector: Vector) -> Einsum:
    """The einsum as `add_unit` makes it; an iterator for the depth is to be there."""
    unit = Axis("unit", 1, False, tirx.Var("unit", einsum.axes[0].var.ty))
    shifted = [
        replace(operand, axes=frozenset(p + 1 for p in operand.axes)) for operand in einsum.operands
    ]
    axes = (unit, *einsum.axes)
    a, b, c = (
        _viewed(operand, axes) if touches else operand
        for operand, touches in zip(shifted, vector, strict=True)
    )
    return replace(einsum, axes=axes, a=a, b=b, c=c)


def add_unit(sch: Schedule, block: SBlockRV, einsum: Einsum, vector: Vector) -> SBlockRV:
    """Rewrite a block, split already, to be ``einsum``, made by `with_unit`; the new block.

    No primitive of TVM adds an iterator to an operand, but factoring a reduction of one part does.
    """
    depth = einsum.those(DEPTH)[-1] - 1
    part, _ = sch.split(sch.get_loops(block)[depth], [1, None])
    factored = sch.rfactor(part, 0)
    loops = sch.get_loops(factored)
    # In the order of the iterators, as `transform_block_layout` asks for.
    sch.reorder(loops[depth], *loops[:depth], *loops[depth + 1 :])
    for factor, touches in zip((einsum.a, einsum.b), vector, strict=False):
        if touches:
            order = [plain_axis(einsum, index) for index in factor.indices]
            view = index_map(_picking(order), len(einsum.axes))
            sch.reindex_cache_read(factored, factor.region, "global", view)
        else:
            # Without the part, which this factor's index names but does not depend on.
            sch.compute_inline(sch.reindex(factored, ("read", factor.region)))
    return factored


def _viewed(operand: Operand, axes: tuple[Axis, ...]) -> Operand:
    """An operand as the block touches it when the first iterator is the added one."""
    indices = operand.indices if operand.region < 0 else _named(operand, axes[1:])
    extents = {axis.var: axis.extent for axis in axes}
    shape = operand.buffer.shape if operand.region < 0 else [extents[index] for index in indices]
    buffer = tirx.decl_buffer((1, *shape), operand.dtype, str(operand.buffer.name))
    return replace(operand, buffer=buffer, indices=(axes[0].var, *indices), axes=operand.axes | {0})


def _named(operand: Operand, axes: Sequence[Axis]) -> list[Any]:
    """The iterators that an operand's indices name, of which each becomes a dimension."""
    return [axis.var for axis in axes if any_uses(operand.indices, axis.var)]


def _picking(positions: Sequence[int | None]) -> Callable[..., list[Any]]:
    def picked(*iterators: Any) -> list[Any]:
        return [iterators[p] for p in positions if p is not None]

    return picked
