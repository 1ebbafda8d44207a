"""How tensors lie in DRAM: in whole elements, each beginning where an element may begin.

The dimension that the chip takes its lanes from comes last, filled up with zeros to whole elements;
that is how VTA's own programs have it. The caller lays arguments out so and takes results from it.

Stores write bytes. Wider numbers that the chip stores lie in planes, one for each of their bytes,
the low one first, which the caller puts together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from heron_ms._tvm import itemsize
from heron_ms.errors import FaultError
from heron_ms.measure.vta.elements import Elements

Rows = tuple[int, int]
"""A dimension, and how many rows along it an element has."""

_PAGE = 4096
"""Where tensors begin: at a multiple of any element's size, as pages do."""


@dataclass(frozen=True)
class Layout:
    """order: the dimensions of a tensor, as they lie in DRAM. sizes: extents in that order.

    rows: the one of these that an element has several rows of, ``batch`` of them, if there is one.
    Then the elements lie in order, (batch, lanes) each. planes: how many bytes of a number lie
    apart; one where numbers lie as they are.
    """

    order: tuple[int, ...]
    sizes: tuple[int, ...]
    planes: int = 1
    rows: int | None = None
    batch: int = 1
    lanes: int = 1

    @property
    def elements(self) -> Elements:
        """How far an element reaches along each of the dimensions."""
        tiles = [1] * len(self.sizes)
        if self.rows is not None:
            tiles[self.rows], tiles[-1] = self.batch, self.lanes
        return Elements(self.sizes, tuple(tiles))

    def laid_out(self, array: NDArray[Any]) -> NDArray[np.uint8]:
        """The bytes of an array as they lie in DRAM."""
        turned = array.transpose(self.order)
        missing = [size - had for size, had in zip(self.sizes, turned.shape, strict=True)]
        filled = np.pad(turned, [(0, count) for count in missing])
        lying = np.ascontiguousarray(self._by_elements(filled))
        pieces = lying.reshape(-1).view(np.uint8).reshape(self.planes, -1, order="F")
        return pieces.reshape(-1)

    def taken(
        self, data: NDArray[np.uint8], dtype: DTypeLike, shape: tuple[int, ...]
    ) -> NDArray[Any]:
        """The inverse: an array of a type and a shape, of bytes."""
        together = np.ascontiguousarray(data.reshape(self.planes, -1).T).reshape(-1).view(dtype)
        inside = tuple(slice(0, shape[dimension]) for dimension in self.order)
        turned = self._by_dimensions(together)[inside]
        return np.ascontiguousarray(turned.transpose(np.argsort(self.order)))

    def _by_elements(self, filled: NDArray[Any]) -> NDArray[Any]:
        """Of (.., rows, .., lanes) with whole elements, (.., .., batch, lanes of an element)."""
        if self.rows is None:
            return filled
        return np.moveaxis(filled.reshape(self._parts), self.rows + 1, -2)

    def _by_dimensions(self, lying: NDArray[Any]) -> NDArray[Any]:
        """The inverse, of numbers in the order in which they lie."""
        if self.rows is None:
            return lying.reshape(self.sizes)
        parts = list(self._parts)
        moved = [*parts[: self.rows + 1], *parts[self.rows + 2 : -1], self.batch, self.lanes]
        return np.moveaxis(lying.reshape(moved), -2, self.rows + 1).reshape(self.sizes)

    @property
    def _parts(self) -> tuple[int, ...]:
        """The extents, with rows and lanes each in two."""
        tiles, sizes = self.elements.tiles, self.sizes
        parts = (
            (size // tile, tile) if at in (self.rows, len(sizes) - 1) else (size,)
            for at, (size, tile) in enumerate(zip(sizes, tiles, strict=True))
        )
        return tuple(extent for part in parts for extent in part)


@dataclass
class Dram:
    """Tensors by their layouts and addresses, in bytes; ``tensors`` are those that may lie here.

    The first page is empty, as address zero is none to VTA's drivers.
    """

    tensors: tuple[Any, ...]
    layouts: dict[Any, Layout] = field(default_factory=dict)
    addresses: dict[Any, int] = field(default_factory=dict)
    top: int = _PAGE

    def layout(
        self, tensor: Any, last: int, lanes: int, planes: int = 1, rows: Rows | None = None
    ) -> Layout:
        """The layout of a tensor whose dimension ``last`` has the lanes of an element.

        planes: of how many bytes its numbers are, where these lie apart. rows: the dimension that
        an element has several rows of, and how many.

        Raises `FaultError` where the chip would want it in two ways, and for what is no tensor.
        """
        if tensor not in self.tensors:
            raise FaultError(f"{tensor.name} does not lie in DRAM", "affine")
        shape = shape_of(tensor)
        order = (*(at for at in range(len(shape)) if at != last), last)
        sizes = [shape[at] for at in order]
        sizes[-1] = -(-sizes[-1] // lanes) * lanes
        if rows is None:
            wanted = Layout(order, tuple(sizes), planes)
        else:
            at, batch = order.index(rows[0]), rows[1]
            sizes[at] = -(-sizes[at] // batch) * batch
            wanted = Layout(order, tuple(sizes), planes, at, batch, lanes)
        if self.layouts.setdefault(tensor, wanted) != wanted:
            raise FaultError(f"{tensor.name} would have to lie in DRAM in two ways", "affine")
        if tensor not in self.addresses:
            self.addresses[tensor] = self.top
            size = prod(sizes) * itemsize(tensor)
            self.top += -(-size // _PAGE) * _PAGE
        return wanted


def shape_of(tensor: Any) -> tuple[int, ...]:
    """The extents of a tensor."""
    return tuple(int(extent) for extent in tensor.shape)
