"""Finds an einsum that multiplies zeros put between data, and the axes along which it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from heron_ms.normalization.compose import composed, copies
from heron_ms.normalization.nests import Program, block_of
from heron_ms.normalization.output import read_whole
from heron_ms.normalization.padding import read_padding
from heron_ms.normalization.phases import Phase, phases
from heron_ms.normalization.sliding import Sliding, slidings
from heron_ms.tensorize.einsum import Einsum, Operand

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
    blocks, makers = [block_of(statement) for statement in program.statements], copies(program)
    readings = [
        _read(place, block, makers) for place, block in enumerate(blocks) if block is not None
    ]
    return [reading for reading in readings if reading is not None]


def _read(place: int, block: Any, makers: Sequence[Any]) -> Dilated | None:
    einsum = read_whole(block)
    if einsum is None:
        return None
    sources = _sources(einsum, makers)
    axes = _axes(einsum, sources)
    return Dilated(place, block, einsum, tuple(sources), axes) if axes else None


def _sources(einsum: Einsum, makers: Sequence[Any]) -> list[Any]:
    factors = (einsum.a.buffer, einsum.b.buffer)
    mine = [
        maker for maker in makers if any(maker.body.buffer.same_as(factor) for factor in factors)
    ]
    return [composed(maker, makers) for maker in mine]


def _axes(einsum: Einsum, sources: Sequence[Any]) -> tuple[Axis, ...]:
    chosen: list[Axis] = []
    for factor in (einsum.a, einsum.b):
        for candidate in _axes_of(einsum, factor, sources):
            taken = {p for axis in chosen for p in (axis.sliding.output, axis.sliding.tap)}
            blocks = prod(len(axis.phases) for axis in (*chosen, candidate))
            mine = (candidate.sliding.output, candidate.sliding.tap)
            if taken.isdisjoint(mine) and blocks <= MOST_PHASES:
                chosen.append(candidate)
    return tuple(chosen)


def _axes_of(einsum: Einsum, factor: Operand, sources: Sequence[Any]) -> list[Axis]:
    padding = next(
        (read_padding(source) for source in sources if source.body.buffer.same_as(factor.buffer)),
        None,
    )
    axes = []
    for sliding in slidings(einsum, factor) if padding is not None else []:
        data = padding.comb(sliding.dim) if padding is not None else None
        if data is not None:
            axes.append(Axis(sliding, phases(sliding.window, data)))
    return axes
