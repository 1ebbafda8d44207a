"""Finds an einsum that multiplies padding, and along which axis it multiplies most of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from heron_ms._tvm import Var, collect
from heron_ms.normalization.nests import Program, block_of
from heron_ms.normalization.output import is_whole
from heron_ms.normalization.padding import Padding, read_padding
from heron_ms.normalization.runs import Run, runs, saving
from heron_ms.normalization.sliding import Sliding, slidings
from heron_ms.tensorize.einsum import Einsum, Operand, read_einsum
from heron_ms.tensorize.reasons import Refused

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
    """What of a program is worth a rewrite, each with the axis that saves most."""
    blocks = [block_of(each) for each in program.statements]
    read = {p: read_padding(block) for p, block in enumerate(blocks) if block is not None}
    paddings = {p: each for p, each in read.items() if each is not None}
    found = []
    for place, block in enumerate(blocks):
        options = [] if block is None else list(_options(program, paddings, place, block))
        worth = [each for each in options if each.saving >= LEAST_SAVING]
        found += [max(worth, key=lambda each: each.saving)] if worth else []
    return found


def _options(
    program: Program, paddings: dict[int, Padding], place: int, block: Any
) -> Iterator[Convolution]:
    """A block as a convolution along each of its axes; nothing for other blocks."""
    einsum = _einsum(block)
    if einsum is None or not is_whole(einsum, block):
        return
    for factor in (einsum.a, einsum.b):
        source = _source(program, paddings, factor)
        if source is None:
            continue
        for sliding in slidings(einsum, factor):
            every = runs(sliding.window, paddings[source].data(sliding.dim))
            found = tuple(islice(every, MOST_RUNS + 1))
            if len(found) <= MOST_RUNS:
                padding = paddings[source]
                yield Convolution(source, place, padding, block, einsum, sliding, found)


def _einsum(block: Any) -> Einsum | None:
    try:
        return read_einsum(block)
    except Refused:
        return None


def _source(program: Program, paddings: dict[int, Padding], factor: Operand) -> int | None:
    """Where a factor is padded; None where it is not, or where others use the copy too."""
    users = [p for p, each in enumerate(program.statements) if _uses(each, factor.buffer)]
    local = any(each.same_as(factor.buffer) for each in program.root.alloc_buffers)
    mine = [p for p in users if p in paddings and paddings[p].buffer.same_as(factor.buffer)]
    return mine[0] if local and len(mine) == 1 and len(users) == 2 else None


def _uses(statement: Any, buffer: Any) -> bool:
    return any(each.same_as(buffer) for each in collect(statement, Var))
