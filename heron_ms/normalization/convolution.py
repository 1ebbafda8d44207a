"""Finds an einsum that multiplies padding, and along which axis it multiplies most of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from heron_ms._tvm import Var, collect
from heron_ms.normalization.nests import Program, block_of
from heron_ms.normalization.output import read_whole
from heron_ms.normalization.padding import Padding, read_padding
from heron_ms.normalization.runs import Run, runs, saving
from heron_ms.normalization.sliding import Sliding, slidings
from heron_ms.tensorize.einsum import Einsum, Operand

LEAST_SAVING = 0.08
"""The share of an einsum's multiplications that pays for shorter blocks and for joining them.

Measured on one core of a znver4, u8s8, 32 to 64 trials each: of 33 % saved, programs get 45 %
faster, of 17 % 16 %, of 10 % 3 %, of 8 % 2 %; with 6 % they get 3 % slower.
"""

MOST_RUNS = 5
"""Each run is a block to be tuned; a kernel of three taps never makes more than five."""


@dataclass(frozen=True)
class Convolution:
    """An einsum over a padded factor, and its runs along one axis.

    ``source`` and ``place`` are the positions of the two blocks among the program's statements.
    """

    source: int
    place: int
    padding: Padding
    block: Any
    einsum: Einsum
    sliding: Sliding
    runs: tuple[Run, ...]

    @property
    def saving(self) -> float:
        """The share of its multiplications that the runs leave out, from 0 to 1."""
        return saving(self.sliding.window, self.runs)


def convolutions(program: Program) -> list[Convolution]:
    """The convolutions of a program that are worth a rewrite, each along its best axis."""
    blocks = [block_of(statement) for statement in program.statements]
    read = {p: read_padding(block) for p, block in enumerate(blocks) if block is not None}
    paddings = {p: padding for p, padding in read.items() if padding is not None}
    chosen = []
    for place, block in enumerate(blocks):
        options = [] if block is None else list(_options(program, paddings, place, block))
        worth = [option for option in options if option.saving >= LEAST_SAVING]
        chosen += [max(worth, key=lambda option: option.saving)] if worth else []
    return chosen


def _options(
    program: Program, paddings: dict[int, Padding], place: int, block: Any
) -> Iterator[Convolution]:
    """A block as a convolution along each of its axes; nothing for other blocks."""
    einsum = read_whole(block)
    if einsum is None:
        return
    for factor in (einsum.a, einsum.b):
        source = _source(program, paddings, factor)
        if source is None:
            continue
        for sliding in slidings(einsum, factor):
            every = runs(sliding.window, paddings[source].data(sliding.dim))
            few = tuple(islice(every, MOST_RUNS + 1))
            if len(few) <= MOST_RUNS:
                padding = paddings[source]
                yield Convolution(source, place, padding, block, einsum, sliding, few)


def _source(program: Program, paddings: dict[int, Padding], factor: Operand) -> int | None:
    """Where a factor is padded; None where it is not, or where others use the copy too."""
    users = [p for p, statement in enumerate(program.statements) if _uses(statement, factor.buffer)]
    local = any(buffer.same_as(factor.buffer) for buffer in program.root.alloc_buffers)
    mine = [p for p in users if p in paddings and paddings[p].buffer.same_as(factor.buffer)]
    return mine[0] if local and len(mine) == 1 and len(users) == 2 else None


def _uses(statement: Any, buffer: Any) -> bool:
    return any(var.same_as(buffer) for var in collect(statement, Var))
