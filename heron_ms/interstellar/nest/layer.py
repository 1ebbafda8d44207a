"""A layer as seven loops (Interstellar, section 3): window, output plane, channels and batch.

A convolution reads I[ON, IC, OY*s+FY, OX*s+FX] and W[OC, IC, FY, FX] and writes O[ON, OC, OY, OX].
A matrix product is the same with a window and a plane of one element.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from heron_ms.interstellar.checks import positive

LOOPS = ("FX", "FY", "OX", "OY", "OC", "IC", "ON")
"""Every loop, in the published tool's order."""

TENSORS = ("I", "O", "W")
"""Input, output and weight."""

RELEVANT: Mapping[str, tuple[str, ...]] = {
    "I": ("OX", "OY", "IC", "ON"),
    "O": ("OX", "OY", "OC", "ON"),
    "W": ("FX", "FY", "OC", "IC"),
}
"""The loops that move through a tensor; the halo is ignored, as the published rule does."""

IRRELEVANT: Mapping[str, tuple[str, ...]] = {
    tensor: tuple(loop for loop in LOOPS if loop not in loops) for tensor, loops in RELEVANT.items()
}
"""The loops that use an element of a tensor again."""


@dataclass(frozen=True)
class Layer:
    """The extents of the seven loops, in elements, and the strides of the window.

    Raises `ModelError`, naming the loop, for an extent that is no integer above zero.
    """

    FX: int
    FY: int
    OX: int
    OY: int
    OC: int
    IC: int
    ON: int
    stride_w: int = 1
    stride_h: int = 1

    def __post_init__(self) -> None:
        for name in (*LOOPS, "stride_w", "stride_h"):
            positive(getattr(self, name), f"layer: {name}")

    def extent(self, loop: str) -> int:
        """Iterations of a loop."""
        return int(getattr(self, loop))

    @property
    def extents(self) -> dict[str, int]:
        """Iterations of every loop."""
        return {loop: self.extent(loop) for loop in LOOPS}

    @property
    def macs(self) -> int:
        """Multiplications and additions of the layer, padding not counted."""
        return prod(self.extents.values())

    def words(self, tensor: str) -> int:
        """Elements of a tensor: I (the padded input, halo included), O or W."""
        return footprint(tensor, self.extents, self)

    @property
    def strides(self) -> int:
        """What the published rule divides the accesses of the input by."""
        return self.stride_w * self.stride_h


def footprint(tensor: str, tile: Mapping[str, int], layer: Layer) -> int:
    """Elements of a tensor that a tile of the loops touches, the halo of the input included."""
    if tensor != "I":
        return prod(tile[loop] for loop in RELEVANT[tensor])
    width = (tile["OX"] - 1) * layer.stride_w + tile["FX"]
    height = (tile["OY"] - 1) * layer.stride_h + tile["FY"]
    return width * height * tile["IC"] * tile["ON"]
