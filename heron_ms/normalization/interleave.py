"""Puts the results of the phases together: ``C[.., y, ..]`` is C_0 or C_1, in turns along y."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from heron_ms._tvm import BufferStore, SBlock, tirx
from heron_ms.normalization.compose import point
from heron_ms.normalization.join import iterators_of
from heron_ms.tensorize.einsum import Einsum

Turns = tuple[int, ...]
"""The number of a phase along each axis that has several."""


def interleave(
    block: Any,
    einsum: Einsum,
    name: str,
    periods: Mapping[int, int],
    pieces: Mapping[Turns, Any | None],
) -> Any:
    """The block that fills C, the result of an einsum's block, from the buffers of phases.

    ``periods`` has the number of phases along each dimension of C that has several; ``pieces`` the
    buffer of every phase, None where it is the initial value.
    """
    iterators = iterators_of(block, einsum)
    at = [iterator.var for iterator in iterators]
    inside = [tirx.floordiv(i, periods[d]) if d in periods else i for d, i in enumerate(at)]
    initial = block.init.value
    leaves = {
        turns: initial if buffer is None else tirx.BufferLoad(buffer, inside)
        for turns, buffer in pieces.items()
    }
    value = _chosen(leaves, (), [(at[dim], count) for dim, count in periods.items()])
    reads = [point(buffer, inside) for buffer in pieces.values() if buffer is not None]
    store = BufferStore(einsum.c.buffer, value, at)
    return SBlock(iterators, reads, [point(einsum.c.buffer, at)], name, store)


def _chosen(leaves: Mapping[Turns, Any], turns: Turns, left: Sequence[tuple[Any, int]]) -> Any:
    """The leaf of an element, one axis after the other."""
    if not left:
        return leaves[turns]
    (index, count), *rest = left
    known = [
        turn
        for turn in range(count)
        if any(path[: len(turns) + 1] == (*turns, turn) for path in leaves)
    ]
    value = _chosen(leaves, (*turns, known[-1]), rest)
    for turn in reversed(known[:-1]):
        mine = _chosen(leaves, (*turns, turn), rest)
        value = tirx.if_then_else(tirx.floormod(index, count) == turn, mine, value)
    return value
