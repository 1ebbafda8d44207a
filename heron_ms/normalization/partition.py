"""`partition_padding`: a convolution without the taps that fall on padding.

Before, at a depth of two under a kernel of three, where a third of all products is with zeros::

    A_padded[d, ...] = if_then_else(1 <= d and d < 3 and ..., A[d - 1, ...], 0)      d < 4
    C[d, ...] += A_padded[d + kd, ...] * B[kd, ...]                           d < 2, kd < 3

After, for each run of outputs with the same taps::

    A_padded_0[d, ...] = if_then_else(..., A[d, ...], 0)                             d < 2
    A_padded_1[d, ...] = if_then_else(..., A[d, ...], 0)                             d < 2
    C_0[d, ...] += A_padded_0[d + kd, ...] * B[kd + 1, ...]                   d < 1, kd < 2
    C_1[d, ...] += A_padded_1[d + kd, ...] * B[kd, ...]                       d < 1, kd < 2
    C[d, ...] = if_then_else(d < 1, C_0[d, ...], C_1[d - 1, ...])                    d < 2

Each run has buffers of its own, because TVM schedules no buffer that two blocks write.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import PrimFunc
from heron_ms.normalization.convolution import Convolution, convolutions
from heron_ms.normalization.cut import Part, cut
from heron_ms.normalization.join import Piece, join
from heron_ms.normalization.nests import nest, read_program
from heron_ms.normalization.rewrite import Rewrite
from heron_ms.normalization.runs import Run

PARTITIONED = "heron_ms.partitioned"
"""The attribute of a function that was rewritten; it is left as it is from then on."""


def partition_padding(func: PrimFunc) -> PrimFunc:
    """The function with its convolutions split into runs; itself where that saves too little.

    For each convolution one axis is split, the one that saves most, if that is at least
    `LEAST_SAVING` of its products in at most `MOST_RUNS` runs. The sum of each element keeps its
    order, so results are equal to the bit, but for the sign of a zero and for weights that are
    infinite or no number, whose products with padding are left out.
    """
    program = None if PARTITIONED in func.attrs else read_program(func)
    convs = [] if program is None else convolutions(program)
    if program is None or not convs:
        return func
    rewrite = Rewrite(program)
    for conv in convs:
        _split(rewrite, conv)
    return rewrite.result().with_attr(PARTITIONED, True)


def _split(rewrite: Rewrite, conv: Convolution) -> None:
    """Replace the padded copy by one a run, and the einsum by one a run and their join."""
    rewrite.statements[conv.source], rewrite.statements[conv.place] = [], []
    pieces = [_piece(rewrite, conv, run) for run in conv.runs]
    if any(piece.buffer is not conv.einsum.c.buffer for piece in pieces):
        name = rewrite.fresh(f"{conv.einsum.block}_joined")
        joined = join(conv.block, conv.einsum, name, conv.sliding.out, pieces)
        rewrite.statements[conv.place].append(nest(joined))


def _piece(rewrite: Rewrite, conv: Convolution, run: Run) -> Piece:
    """Add the blocks of a run; none for a run without taps."""
    if not run.taps:
        return Piece(run.outputs, None)
    sliding, number = conv.sliding, conv.runs.index(run)
    places = run.places(sliding.window)
    a = _part(rewrite, conv.padding.buffer, sliding.dim, places, number)
    c = _part(rewrite, conv.einsum.c.buffer, sliding.out, run.outputs, number)
    copy = cut(conv.padding.block, str(a.new.name), {sliding.dim: places}, [a])
    kept = {sliding.output: run.outputs, sliding.tap: run.taps}
    einsum = cut(conv.block, str(c.new.name), kept, [a, c])
    rewrite.statements[conv.source].append(nest(copy))
    rewrite.statements[conv.place].append(nest(einsum))
    return Piece(run.outputs, c.new)


def _part(rewrite: Rewrite, buffer: Any, dim: int, kept: range, number: int) -> Part:
    if len(kept) == int(buffer.shape[dim]):
        return Part(buffer, buffer, {dim: kept})
    return rewrite.part(buffer, {dim: kept}, number)
