"""What it costs to bring words to the units of an array, and results back (Interstellar).

Systolic: a word enters the array once and hops from unit to unit along the first loop of each
dimension that uses it again; a second loop on the same dimension is that many units further away.
Bus: every unit that uses the word is one transfer at the price of the bus.
"""

from __future__ import annotations

from collections.abc import Mapping as Readable

from heron_ms.hardware.accelerator import BUS, Array
from heron_ms.interstellar.nest.layer import IRRELEVANT
from heron_ms.interstellar.nest.mapping import Dims
from heron_ms.interstellar.nest.reuse import Column


def transfers(array: Array, dims: Dims, spatial: Readable[str, int], tensor: str) -> float:
    """Hops (or transfers of the bus) for one word of a tensor that is fetched once."""
    near = 1
    for dim in dims:
        for loop in dim if array.mode == BUS else dim[:1]:
            near *= spatial[loop] if loop in IRRELEVANT[tensor] else 1
    return near + further(array, dims, spatial, tensor)


def further(array: Array, dims: Dims, spatial: Readable[str, int], tensor: str) -> int:
    """Hops of a word along the second loops of the dimensions; none on a bus."""
    second = [dim for dim in dims if len(dim) > 1 and array.mode != BUS]
    return sum(
        spatial[loop] * spatial[dim[0]]
        for dim in second
        for loop in dim[1:]
        if loop in IRRELEVANT[tensor]
    )


def array_energy(
    array: Array, dims: Dims, spatial: Readable[str, int], tensor: str, words: Column
) -> Column:
    """pJ to distribute ``words`` words, fetched from the level around the array."""
    return words * transfers(array, dims, spatial, tensor) * array.hop
