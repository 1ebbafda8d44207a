"""What tells one sketch of a block from another: the choices that no decision of a trace can hold.

MetaSchedule's compute location is a decision, but the locations that it admits depend on which
loops happen to have extent one, so that a trace replayed with other tiles lands elsewhere. Heron's
tunable location (Heron's constraint rules) is therefore one sketch a location here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import product

from heron_ms.tensorize import Match, row_paddings, up


class Level(Enum):
    """Where a staged operand is copied, outermost first; see `tiling` for the loops."""

    NONE = "not staged"
    ROOT = "before all loops"
    TASK = "in each parallel task"
    ROWS = "for each block of rows"
    DEPTH = "for each chunk of the reduction"


@dataclass(frozen=True)
class Choices:
    """Padded extents of the block's iterators, and where the operands are staged."""

    padded: tuple[int, ...]
    a: Level
    b: Level


def choices(match: Match, tallest: int, *, a_is_produced: bool) -> Iterator[Choices]:
    """Every sketch of a matched block, for register tiles of at most ``tallest`` rows."""
    weights = [Level.NONE] if match.weight == "packed" else [Level.ROOT, Level.TASK, Level.DEPTH]
    for padded in paddings(match, tallest):
        copied = a_is_produced or any(
            padded[axis] != match.extents[axis] for axis in (match.rows, match.depth)
        )
        stages = [Level.ROWS, Level.DEPTH] if copied else [Level.NONE, Level.ROWS, Level.DEPTH]
        for a, b in product(stages, weights):
            yield Choices(padded, a, b)


def paddings(match: Match, tallest: int) -> list[tuple[int, ...]]:
    """Extents padded to the intrinsic's tile, for each row count worth trying."""
    extents = list(match.extents)
    extents[match.lanes] = up(extents[match.lanes], match.intrinsic.lanes)
    extents[match.depth] = up(extents[match.depth], match.intrinsic.depth)
    found = []
    for rows in row_paddings(extents[match.rows], tallest):
        extents[match.rows] = rows
        found.append(tuple(extents))
    return found
