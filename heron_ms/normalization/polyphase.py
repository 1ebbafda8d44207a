"""`polyphase`: a transposed convolution without the zeros between its inputs.

Before, with a stride of two, where three of four products are with zeros, of two such axes::

    A_dilated[y, ...] = if_then_else(y % 2 == 0 and ..., A[y // 2, ...], 0)         y < 17
    C[y, ...] += A_dilated[y + r, ...] * B[2 - r, ...]                        y < 15, r < 3

After, for each phase of the outputs, with the taps that meet an input::

    A_dilated_0[y, ...] = A[y, ...]                                                  y < 9
    A_dilated_1[y, ...] = A[y + 1, ...]                                              y < 7
    C_0[y, ...] += A_dilated_0[y + r, ...] * B[2 - r * 2, ...]                 y < 8, r < 2
    C_1[y, ...] += A_dilated_1[y + r, ...] * B[1 - r * 2, ...]                 y < 7, r < 1
    C[y, ...] = if_then_else(y % 2 == 0, C_0[y // 2, ...], C_1[y // 2, ...])        y < 15

What the convolution reads may be padded, before or after the zeros go in, and be a copy of a copy.
Each phase has buffers of its own, because TVM schedules no copy that two blocks read.
"""

from __future__ import annotations

from itertools import product
from typing import Any

from heron_ms._tvm import PrimFunc
from heron_ms.normalization.cut import Part, cut
from heron_ms.normalization.dilated import Dilated, dilated
from heron_ms.normalization.interleave import Turns, interleave
from heron_ms.normalization.nests import nest, read_program
from heron_ms.normalization.partition import PARTITIONED
from heron_ms.normalization.places import places
from heron_ms.normalization.rewrite import Rewrite
from heron_ms.tensorize.einsum import Operand


def polyphase(func: PrimFunc) -> PrimFunc:
    """The function with its dilated einsums split into phases; itself where it has none.

    The sum of each element keeps its order, so results are equal to the bit, but for the sign of a
    zero and for weights that are infinite or no number, whose products with zeros are left out.
    Marked as `PARTITIONED`: padding that is left around the data of a phase stays.
    """
    program = read_program(func)
    convs = [] if program is None else dilated(program)
    if program is None or not convs:
        return func
    rewrite = Rewrite(program)
    for conv in convs:
        _split(rewrite, conv)
    return rewrite.result().with_attr(PARTITIONED, True)


def _split(rewrite: Rewrite, conv: Dilated) -> None:
    """Replace an einsum by one a phase and what puts them together."""
    rewrite.statements[conv.place] = []
    turns = list(product(*(range(len(axis.phases)) for axis in conv.axes)))
    pieces = {turn: _piece(rewrite, conv, turn, n) for n, turn in enumerate(turns)}
    name = rewrite.fresh(f"{conv.einsum.block}_interleaved")
    periods = {axis.sliding.out: axis.period for axis in conv.axes}
    joined = interleave(conv.block, conv.einsum, name, periods, pieces)
    rewrite.statements[conv.place].append(nest(joined))


def _piece(rewrite: Rewrite, conv: Dilated, turns: Turns, number: int) -> Any | None:
    """Add the blocks of a phase, and return its buffer; None for a phase without taps."""
    kept: dict[int, range] = {}
    out: dict[int, range] = {}
    for axis, turn in zip(conv.axes, turns, strict=True):
        phase = axis.phases[turn]
        kept |= {axis.sliding.output: phase.outputs, axis.sliding.tap: phase.taps}
        out |= {axis.sliding.out: phase.outputs}
    if not all(map(len, kept.values())):
        return None
    c = rewrite.part(conv.einsum.c.buffer, out, number)
    parts = [_copy(rewrite, conv, source, kept, number) for source in conv.sources]
    einsum = cut(conv.block, str(c.new.name), kept, [*parts, c])
    rewrite.statements[conv.place].append(nest(einsum))
    return c.new


def _copy(
    rewrite: Rewrite, conv: Dilated, source: Any, kept: dict[int, range], number: int
) -> Part:
    """Add the copy of a factor that a phase reads, of no more than it reads."""
    factor = _factor(conv, source)
    part = rewrite.part(factor.buffer, places(conv.einsum, factor, kept), number)
    copy = cut(source, str(part.new.name), part.kept, [part])
    rewrite.statements[conv.place].append(nest(copy))
    return part


def _factor(conv: Dilated, source: Any) -> Operand:
    einsum = conv.einsum
    return einsum.a if einsum.a.buffer.same_as(source.body.buffer) else einsum.b
