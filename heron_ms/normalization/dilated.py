"""Finds an einsum that multiplies zeros put between data, and the axes along which it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from heron_ms.normalization.compose import composed, copies
from heron_ms.normalization.nests import Program, block_of
from heron_ms.normalization.output import is_whole
from heron_ms.normalization.padding import read_padding
from heron_ms.normalization.phases import Phase, phases
from heron_ms.normalization.sliding import Sliding, slidings
from heron_ms.tensorize.einsum import Einsum, Operand, read_einsum
from heron_ms.tensorize.reasons import Refused

MOST_PHASES = 16
"""Each phase is a block to be tuned: a stride of four along two axes."""


@dataclass(frozen=True)
class Axis:
    """An axis of an einsum along which only some places of a factor hold data."""

    sliding: Sliding
    phases: tuple[Phase, ...]

    @property
    def period(self) -> int:
        """After how many outputs the phases start again."""
        return self.phases[0].outputs.step


@dataclass(frozen=True)
class Dilated:
    """An einsum, at a position among the program's statements, and its axes with zeros between.

    ``sources`` are the blocks that fill its factors by copying, composed with what they copy from.
    """

    place: int
    block: Any
    einsum: Einsum
    sources: tuple[Any, ...]
    axes: tuple[Axis, ...]


def dilated(program: Program) -> list[Dilated]:
    """The einsums of a program that have such axes, in order."""
    blocks, makers = [block_of(each) for each in program.statements], copies(program)
    found = [_read(place, each, makers) for place, each in enumerate(blocks) if each is not None]
    return [each for each in found if each is not None]


def _read(place: int, block: Any, makers: Sequence[Any]) -> Dilated | None:
    try:
        einsum = read_einsum(block)
    except Refused:
        return None
    if not is_whole(einsum, block):
        return None
    sources = _sources(einsum, makers)
    axes = _axes(einsum, sources)
    return Dilated(place, block, einsum, tuple(sources), axes) if axes else None


def _sources(einsum: Einsum, makers: Sequence[Any]) -> list[Any]:
    factors = (einsum.a.buffer, einsum.b.buffer)
    mine = [m for m in makers if any(m.body.buffer.same_as(each) for each in factors)]
    return [composed(each, makers) for each in mine]


def _axes(einsum: Einsum, sources: Sequence[Any]) -> tuple[Axis, ...]:
    found: list[Axis] = []
    for factor in (einsum.a, einsum.b):
        for each in _axes_of(einsum, factor, sources):
            taken = {p for axis in found for p in (axis.sliding.output, axis.sliding.tap)}
            blocks = prod(len(axis.phases) for axis in (*found, each))
            if taken.isdisjoint((each.sliding.output, each.sliding.tap)) and blocks <= MOST_PHASES:
                found.append(each)
    return tuple(found)


def _axes_of(einsum: Einsum, factor: Operand, sources: Sequence[Any]) -> list[Axis]:
    padding = next(
        (read_padding(each) for each in sources if each.body.buffer.same_as(factor.buffer)), None
    )
    found = []
    for sliding in slidings(einsum, factor) if padding is not None else []:
        data = padding.comb(sliding.dim) if padding is not None else None
        if data is not None:
            found.append(Axis(sliding, phases(sliding.window, data)))
    return found
