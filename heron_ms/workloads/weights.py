"""Where an element of the weight lies: three layouts, for programs and for numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

WEIGHTS = ("kn", "nk", "packed", "ahead")
"""Layouts of the weight: the logical one, the transposed one, packed by the caller, or the logical
one as a constant that the tuner may pack ahead (`WeightLayout`)."""


@dataclass(frozen=True)
class WeightLayout:
    """The layout of a weight whose logical axes are (*lead, K, N).

    "kn" and "ahead" are the logical layout and "nk" the permutation ``nk`` of it. "packed" is
    [*lead, ceil(N / lanes), ceil(K / depth), lanes, depth], padded with zeros, the order in which a
    vector instruction takes it; the last axis is left out where ``depth`` is 1.
    """

    kind: str
    lead: tuple[int, ...]
    k: int
    n: int
    nk: tuple[int, ...]
    lanes: int
    depth: int

    @property
    def padded_k(self) -> int:
        """K as the program iterates over it."""
        return _up(self.k, self.depth) if self.kind == "packed" else self.k

    @property
    def padded_n(self) -> int:
        """N as the program iterates over it."""
        return _up(self.n, self.lanes) if self.kind == "packed" else self.n

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of B in the program."""
        if self.kind == "packed":
            tiles = (self.padded_n // self.lanes, self.padded_k // self.depth)
            return (*self.lead, *tiles, *self._tile)
        logical = (*self.lead, self.k, self.n)
        return tuple(logical[axis] for axis in self._order)

    def at(self, lead: Sequence[Any], k: Any, n: Any) -> list[Any]:
        """The indices of B at logical indices, which may be expressions."""
        if self.kind != "packed":
            logical = [*lead, k, n]
            return [logical[axis] for axis in self._order]
        if self.depth == 1:
            return [*lead, n // self.lanes, k, n % self.lanes]
        return [*lead, n // self.lanes, k // self.depth, n % self.lanes, k % self.depth]

    def arrange(self, b: NDArray[Any]) -> NDArray[Any]:
        """An array (*lead, K, N) in this layout."""
        if self.kind != "packed":
            return np.ascontiguousarray(b.transpose(self._order))
        missing = (self.padded_k - self.k, self.padded_n - self.n)
        padded = np.pad(b, [(0, 0)] * len(self.lead) + [(0, count) for count in missing])
        tiles = (-1, self.depth, self.padded_n // self.lanes, self.lanes)
        # (..., K / depth, depth, N / lanes, lanes) to (..., N / lanes, K / depth, lanes, depth)
        split = np.moveaxis(padded.reshape(*self.lead, *tiles), (-2, -4, -1, -3), (-4, -3, -2, -1))
        return np.ascontiguousarray(split).reshape(self.shape)

    @property
    def _tile(self) -> tuple[int, ...]:
        return (self.lanes,) if self.depth == 1 else (self.lanes, self.depth)

    @property
    def _order(self) -> tuple[int, ...]:
        return self.nk if self.kind == "nk" else tuple(range(len(self.lead) + 2))


def _up(size: int, multiple: int) -> int:
    return -(-size // multiple) * multiple
