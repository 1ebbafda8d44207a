"""The smallest program that packs a weight: the copy of a few tiles, with data and the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import IRModule, Schedule, te
from heron_ms.intrinsics.pack import Packing
from heron_ms.intrinsics.probe import random_array


@dataclass(frozen=True)
class PackProbe:
    """D[N/lanes, K/depth, lanes, depth] of a plain weight S; ``tiles``: how many N and K are."""

    packing: Packing
    tiles: tuple[int, int] = (2, 3)

    @property
    def shape(self) -> tuple[int, int]:
        """Of the plain weight: (K, N) or (N, K)."""
        n, k = self.tiles[0] * self.packing.lanes, self.tiles[1] * self.packing.depth
        return (k, n) if self.packing.layout == "kn" else (n, k)

    def program(self) -> IRModule:
        """The copy before any scheduling."""
        packing = self.packing
        source = te.placeholder(self.shape, packing.dtype, name="S")

        def tile(n: Any, k: Any, lane: Any, deep: Any) -> Any:
            row, column = n * packing.lanes + lane, k * packing.depth + deep
            return source[column, row] if packing.layout == "kn" else source[row, column]

        packed = te.compute((*self.tiles, packing.lanes, packing.depth), tile, name="D")
        return IRModule({"main": te.create_prim_func([source, packed])})

    def tensorized(self) -> IRModule:
        """The copy with every tile replaced by the intrinsic."""
        sch = Schedule(self.program())
        sch.tensorize(sch.get_loops(sch.get_sblock("D"))[2], self.packing.name)
        return sch.mod

    def random_input(self, rng: np.random.Generator) -> NDArray[Any]:
        """A plain weight."""
        return random_array(rng, self.packing.dtype, self.shape)

    def reference(self, source: NDArray[Any]) -> NDArray[Any]:
        """The weight, packed."""
        rows = source.T if self.packing.layout == "kn" else source
        lanes, depth = self.packing.lanes, self.packing.depth
        tiles = rows.reshape(self.tiles[0], lanes, self.tiles[1], depth)
        return np.ascontiguousarray(tiles.transpose(0, 2, 1, 3))
