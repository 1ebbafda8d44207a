"""Operators that only add or drop axes of extent one, as the elementwise ones that they are.

TVM takes them for broadcasts, which it fuses with no product before them. Before: ``conv2d``, and
``squeeze`` to ``relu`` in a function of their own. After: one function, in which a tile goes on
while it is in registers.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import IRModule, PrimFunc, SBlock, collect, constant, with_functions
from heron_ms.models.moves import moved

PATTERN = "op_pattern"
"""The attribute by which FuseOps knows what an operator does."""

_ELEMENTWISE, _BROADCAST = 0, 1


def unit_axes_as_elementwise(mod: IRModule) -> IRModule:
    """A legalised module, annotated with patterns, of which some change."""
    return with_functions(mod, _annotated)


def _annotated(func: PrimFunc) -> PrimFunc:
    moves = _is_broadcast(func) and _keeps_order(func)
    return func.with_attr(PATTERN, _ELEMENTWISE) if moves else func


def _is_broadcast(func: PrimFunc) -> bool:
    return (func.attrs or {}).get(PATTERN) == _BROADCAST


def _keeps_order(func: PrimFunc) -> bool:
    """Whether a function copies each element to where it is, but for axes of extent one."""
    # The outermost block is the root.
    blocks = [block for block in collect(func.body, SBlock) if block.iter_vars]
    if len(blocks) != 1:
        return False
    move = moved(blocks[0])
    if move is None:
        return False
    store, load = move
    read = _long(load.source, load.indices)
    written = _long(store.buffer, store.indices)
    pairs = zip(read, written, strict=False)
    return len(read) == len(written) and all(a.same_as(b) and n == m for (a, n), (b, m) in pairs)


def _long(buffer: Any, indices: Any) -> list[tuple[Any, int | None]]:
    """The indices of the axes of a buffer that are longer than one, each with its extent."""
    pairs = zip(indices, map(constant, buffer.shape), strict=True)
    return [(index, extent) for index, extent in pairs if extent != 1]
