"""The rule: how often an element of a tensor is read or written at a level (Interstellar).

An element is used again by the irrelevant loops. Of those, the loops that lie inside the innermost
relevant loop of a level find it still in the level below: it is stationary there. Everything else
that is irrelevant at this level or further out fetches it once more.

All of this holds for numbers and for columns of numbers alike, and it grows with every factor; so
factors that are lower bounds give a lower bound of the accesses, which is what the search needs.
"""

from __future__ import annotations

from collections.abc import Mapping as Readable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from heron_ms.interstellar.nest.layer import IRRELEVANT, LOOPS, RELEVANT, Layer
from heron_ms.interstellar.nest.mapping import Mapping

Column: TypeAlias = Any
"""A number, or a float64 array of one number for each candidate."""


@dataclass(frozen=True)
class Factors:
    """The factors of one mapping, or of many of them as columns.

    ``temporal[v][loop]`` at level v; ``outer[v][loop]`` their product at v and further out, with
    one more level of ones at the end; ``spatial[v][loop]`` likewise at v alone.
    """

    temporal: Sequence[Readable[str, Column]]
    outer: Sequence[Readable[str, Column]]
    spatial: Sequence[Readable[str, int]]

    def spread(self, level: int, loop: str) -> int:
        """The spatial factors of a loop at a level and further out."""
        result = 1
        for sides in self.spatial[level:]:
            result *= sides[loop]
        return result


def factors_of(mapping: Mapping) -> Factors:
    """The factors of one mapping."""
    numbers = range(len(mapping.levels))
    temporal = [{loop: mapping.temporal(v, loop) for loop in LOOPS} for v in numbers]
    spatial = [{loop: mapping.spatial(v, loop) for loop in LOOPS} for v in numbers]
    return Factors(temporal, outer_products(temporal), spatial)


def outer_products(temporal: Sequence[Readable[str, Column]]) -> list[dict[str, Column]]:
    """The products of each loop's factors from a level outwards; ones beyond the last level."""
    result: list[dict[str, Column]] = [dict.fromkeys(LOOPS, 1)]
    for level in reversed(temporal):
        result.insert(0, {loop: result[0][loop] * level[loop] for loop in LOOPS})
    return result


def fetches(factors: Factors, level: int, order: Sequence[str], tensor: str) -> Column:
    """How often each element of a tensor is fetched from a level, its loops in this order."""
    count: Column = 1.0
    moved: Column = False
    for loop in order:
        if loop in RELEVANT[tensor]:
            moved = moved | (factors.temporal[level][loop] > 1)
        else:
            again, once = factors.outer[level][loop], factors.outer[level + 1][loop]
            count = count * np.where(moved, again, once) * factors.spread(level, loop)
    return count


def every_time(layer: Layer, tensor: str) -> float:
    """The uses of each element where nothing holds it: one for each multiplication."""
    count = 1.0
    for loop in IRRELEVANT[tensor]:
        count *= layer.extent(loop)
    return count


def accesses(layer: Layer, tensor: str, fetched: Column) -> Column:
    """Reads and writes of each element: an output is written and, but for the first time, read.

    The input is counted once for each position of the window: whole numbers, as published.
    """
    if tensor == "O":
        return 2 * fetched - 1
    # The published tool rounds down to none at all, and then prefers what it took for free.
    return np.maximum(np.floor_divide(fetched, layer.strides), 1) if tensor == "I" else fetched
