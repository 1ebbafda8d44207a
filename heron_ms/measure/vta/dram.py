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

_PAGE = 4096
"""Where tensors begin: at a multiple of any element's size, as pages do."""


@dataclass(frozen=True)
class Layout:
    """order: the dimensions of a tensor, as they lie in DRAM. sizes: extents in that order.

    planes: how many bytes of a number lie apart; one where numbers lie as they are.
    """

    order: tuple[int, ...]
    sizes: tuple[int, ...]
    planes: int = 1

    def laid_out(self, array: NDArray[Any]) -> NDArray[np.uint8]:
        """The bytes of an array as they lie in DRAM."""
        turned = array.transpose(self.order)
        missing = [size - had for size, had in zip(self.sizes, turned.shape, strict=True)]
        filled = np.ascontiguousarray(np.pad(turned, [(0, count) for count in missing]))
        pieces = filled.reshape(-1).view(np.uint8).reshape(self.planes, -1, order="F")
        return pieces.reshape(-1)

    def taken(
        self, data: NDArray[np.uint8], dtype: DTypeLike, shape: tuple[int, ...]
    ) -> NDArray[Any]:
        """The inverse: an array of a type and a shape, of bytes."""
        together = np.ascontiguousarray(data.reshape(self.planes, -1).T).reshape(-1).view(dtype)
        inside = tuple(slice(0, shape[dimension]) for dimension in self.order)
        turned = together.reshape(self.sizes)[inside]
        return np.ascontiguousarray(turned.transpose(np.argsort(self.order)))


@dataclass
class Dram:
    """Tensors by their layouts and addresses, in bytes; ``tensors`` are those that may lie here.

    The first page is empty, as address zero is none to VTA's drivers.
    """

    tensors: tuple[Any, ...]
    layouts: dict[Any, Layout] = field(default_factory=dict)
    addresses: dict[Any, int] = field(default_factory=dict)
    top: int = _PAGE

    def layout(self, tensor: Any, last: int, lanes: int, planes: int = 1) -> Layout:
        """The layout of a tensor whose dimension ``last`` has the lanes of an element.

        planes: of how many bytes its numbers are, where these lie apart.

        Raises `FaultError` where the chip would want it in two ways, and for what is no tensor.
        """
        if tensor not in self.tensors:
            raise FaultError(f"{tensor.name} does not lie in DRAM", "affine")
        shape = shape_of(tensor)
        order = (*(at for at in range(len(shape)) if at != last), last)
        sizes = [shape[at] for at in order]
        sizes[-1] = -(-sizes[-1] // lanes) * lanes
        wanted = Layout(order, tuple(sizes), planes)
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
