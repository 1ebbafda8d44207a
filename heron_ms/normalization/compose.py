"""Copies of copies as one: where a block copies what another one made by copying, it copies that.

Before, a transposed convolution of TOPI's::

    A_dilated[y] = if_then_else(y % 2 == 0, A[y // 2], 0)
    A_padded[y] = if_then_else(1 <= y and y < 8, A_dilated[y - 1], 0)

After::

    A_padded[y] = if_then_else(1 <= y and y < 8 and (y - 1) % 2 == 0, A[(y - 1) // 2], 0)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from heron_ms._tvm import (
    And,
    BufferStore,
    Range,
    SBlock,
    TensorLoad,
    collect,
    substitute,
    tirx,
)
from heron_ms.normalization.nests import Program, block_of
from heron_ms.normalization.padding import choice_of, fills, is_zero


def copies(program: Program) -> list[Any]:
    """The blocks that fill a buffer of the program's own with copied elements and zeros."""
    blocks = [block_of(statement) for statement in program.statements]
    return [block for block in blocks if block is not None and is_copy(program, block)]


def is_copy(program: Program, block: Any) -> bool:
    """Whether a block fills a buffer of the program's own with elements of another and zeros."""
    store = block.body
    if block.init is not None or not isinstance(store, BufferStore) or not fills(block, store):
        return False
    local = any(buffer.same_as(store.buffer) for buffer in program.root.alloc_buffers)
    return local and copied(store.value) is not None


def composed(block: Any, makers: Sequence[Any]) -> Any:
    """A copying block that reads from where the copies that it would read were made from."""
    store = block.body
    value = _composed(store.value, makers)
    if value.same_as(store.value):
        return block
    body = BufferStore(store.buffer, value, store.indices)
    return SBlock(block.iter_vars, points(value), block.writes, block.name_hint, body)


def where(condition: Any, value: Any, zero: Any) -> Any:
    """A value under a condition, or zero; conditions in conditions become one."""
    inner = choice_of(value)
    if inner is None:
        return tirx.if_then_else(condition, value, zero)
    return where(And(condition, inner.condition), inner.value, zero)


def points(value: Any) -> list[Any]:
    """The regions of the elements that an expression loads."""
    return [point(load.source, load.indices) for load in collect(value, TensorLoad)]


def point(buffer: Any, at: Sequence[Any]) -> Any:
    """The region of one element of a buffer."""
    ranges = [Range.from_min_extent(index, tirx.const(1, str(index.ty))) for index in at]
    return tirx.BufferRegion(buffer, ranges)


def copied(value: Any) -> Any | None:
    """The load of an element that is copied, under any number of conditions; None for others."""
    choice = choice_of(value)
    if choice is not None:
        known = not collect(choice.condition, TensorLoad) and is_zero(choice.otherwise)
        return copied(choice.value) if known else None
    plain = isinstance(value, TensorLoad) and not any(
        collect(index, TensorLoad) for index in value.indices
    )
    return value if plain else None


def _composed(value: Any, makers: Sequence[Any]) -> Any:
    choice = choice_of(value)
    if choice is not None:
        inner = _composed(choice.value, makers)
        return value if inner.same_as(choice.value) else _under(choice, inner)
    for maker in makers:
        if maker.body.buffer.same_as(value.source):
            iterators = [iterator.var for iterator in maker.iter_vars]
            values = dict(zip(iterators, value.indices, strict=True))
            return _composed(substitute(maker.body.value, values), makers)
    return value


def _under(choice: Any, value: Any) -> Any:
    return where(choice.condition, value, choice.otherwise)
