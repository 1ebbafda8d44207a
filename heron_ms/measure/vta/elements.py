"""How the numbers of a tensor lie in elements: rows of one dimension by lanes of another.

The matrix unit takes ``batch`` rows at a time, and a place of a memory holds as many, one behind
the other. In TensorIR a tile has its dimensions as the program has them; a loop that walks through
such an element and on into the next is cut in two here, so that places stay sums of loops.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from heron_ms.errors import FaultError
from heron_ms.measure.vta.affine import Affine

Cuts = Mapping[int, int]
"""For the loops of a nest that are cut, by position, the extent of the inner part."""


@dataclass(frozen=True)
class Elements:
    """Of each dimension its extent, and how far an element reaches along it."""

    sizes: tuple[int, ...]
    tiles: tuple[int, ...]

    def flat(self, indices: Sequence[Affine], depth: int) -> Affine:
        """Where indices fall in a nest of so many loops, in numbers, element after element.

        Raises `FaultError` for indices that begin within an element.
        """
        total, stride = Affine(0, (), (0,) * depth), 1
        parts = [index.split(tile) for index, tile in zip(indices, self.tiles, strict=True)]
        for (_, within), tile in zip(parts[::-1], self.tiles[::-1], strict=True):
            total, stride = total.plus(within, stride), stride * tile
        counts = [size // tile for size, tile in zip(self.sizes, self.tiles, strict=True)]
        for (whole, _), count in zip(parts[::-1], counts[::-1], strict=True):
            total, stride = total.plus(whole, stride), stride * count
        return total

    def indices(self, place: Affine) -> list[Affine]:
        """The indices that a place has where the dimensions lie one behind the other."""
        strides = [prod(self.sizes[at + 1 :]) for at in range(len(self.sizes))]
        found = []
        for stride in strides:
            whole, place = place.divided(stride)
            found.append(whole)
        return found


def cuts_of(extents: Sequence[int], indices: Iterable[tuple[Affine, int]]) -> Cuts:
    """The loops that walk through elements and on, given indices and how far elements reach.

    Raises `FaultError` for one that would end within an element.
    """
    cuts = {}
    for index, tile in indices:
        for loop, factor in enumerate(index.inner):
            if factor % tile and extents[loop] * factor > tile:
                if tile % factor or extents[loop] * factor % tile:
                    raise FaultError(f"a loop over {extents[loop]} ends within {tile}", "affine")
                cuts[loop] = tile // factor
    return cuts


def cut(extents: Sequence[int], cuts: Cuts) -> tuple[int, ...]:
    """The extents of the loops with their parts, the outer one first."""
    parts = (
        (extent // cuts[loop], cuts[loop]) if loop in cuts else (extent,)
        for loop, extent in enumerate(extents)
    )
    return tuple(extent for part in parts for extent in part)
