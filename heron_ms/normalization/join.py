"""Puts the results of the runs together: ``C[.., p, ..]`` is chosen by p from C_0, C_1, ..."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import BufferStore, SBlock, tirx
from heron_ms.normalization.compose import point
from heron_ms.tensorize.einsum import Einsum


@dataclass(frozen=True)
class Piece:
    """Outputs of a run and the buffer that holds them; None where they are the initial value."""

    outputs: range
    buffer: Any | None


def join(block: Any, einsum: Einsum, name: str, dim: int, pieces: Sequence[Piece]) -> Any:
    """The block that fills C, the result of an einsum's block, from pieces along a dimension."""
    iterators = iterators_of(block, einsum)
    at = [iterator.var for iterator in iterators]
    value = _element(pieces[-1], at, dim, block.init.value)
    for piece in reversed(pieces[:-1]):
        mine = _element(piece, at, dim, block.init.value)
        value = tirx.if_then_else(at[dim] < piece.outputs.stop, mine, value)
    held = [piece for piece in pieces if piece.buffer is not None]
    reads = [point(piece.buffer, _inside(piece, at, dim)) for piece in held]
    store = BufferStore(einsum.c.buffer, value, at)
    return SBlock(iterators, reads, [point(einsum.c.buffer, at)], name, store)


def iterators_of(block: Any, einsum: Einsum) -> list[Any]:
    """New iterators over C, in the order of its dimensions."""
    return [_copy(block.iter_vars[p]) for p in _order(einsum)]


def _order(einsum: Einsum) -> list[int]:
    """The positions of the iterators that index C, in its order."""
    return [
        p
        for index in einsum.c.indices
        for p, axis in enumerate(einsum.axes)
        if axis.var.same_as(index)
    ]


def _copy(iterator: Any) -> Any:
    variable = tirx.Var(str(iterator.var.name), iterator.var.ty)
    return tirx.IterVar(iterator.dom, variable, tirx.IterVar.DataPar)


def _element(piece: Piece, at: list[Any], dim: int, initial: Any) -> Any:
    if piece.buffer is None:
        return initial
    return tirx.BufferLoad(piece.buffer, _inside(piece, at, dim))


def _inside(piece: Piece, at: list[Any], dim: int) -> list[Any]:
    """The indices of an element of C in the buffer of a piece."""
    start = piece.outputs.start
    return [i - start if d == dim and start else i for d, i in enumerate(at)]
