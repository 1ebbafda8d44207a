"""The polyphase form of a transposed convolution along one axis.

An output y takes part in the taps t with (y + pad - t) a multiple of the stride, so outputs fall
into as many phases as the stride, (y + pad) mod stride, each of which is a convolution of the input
with its own taps, and with stride 1. No zero between the inputs is ever made or multiplied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Phases:
    """One axis: extents of input, output and kernel, stride and padding, dilation.

    Phase p has the taps p, p + stride, ...; a dilation above one needs stride 1.
    """

    size: int
    out: int
    kernel: int
    stride: int
    pad: int
    dil: int

    @property
    def count(self) -> int:
        """Phases that have a tap at all; the last ones have none where the kernel is short."""
        return min(self.stride, self.kernel)

    @property
    def taps(self) -> int:
        """Taps of the phase that has most of them."""
        return -(-self.kernel // self.stride)

    @property
    def extent(self) -> int:
        """Outputs of the phase that has most of them."""
        return (self.out - 1 + self.pad) // self.stride - self._first + 1

    @property
    def before(self) -> int:
        """Zeros before the input; what is less than zero is not read."""
        return (self.taps - 1) * self.dil - self._first

    @property
    def padded(self) -> int:
        """Extent of the input as the phases read it."""
        return self.extent + (self.taps - 1) * self.dil

    @property
    def products(self) -> int:
        """Pairs of an output and a tap that it takes part in, over all outputs."""
        y, t = np.arange(self.out) + self.pad, np.arange(self.kernel) * self.dil
        phases = [
            np.bincount(positions % self.stride, minlength=self.stride) for positions in (y, t)
        ]
        return int(phases[0] @ phases[1])

    def phase(self, y: Any) -> Any:
        """The phase of an output."""
        return (y + self.pad) % self.stride

    def position(self, y: Any) -> Any:
        """Which output of its phase an output is."""
        return (y + self.pad) // self.stride - self._first

    def split(self, b: NDArray[Any], axis: int) -> NDArray[Any]:
        """The kernel along ``axis`` as (phase, tap), taps from the last to the first.

        A phase that has fewer taps than the others gets zeros before them.
        """
        missing = self.taps * self.stride - self.kernel
        b = np.pad(b, [(0, missing if dim == axis else 0) for dim in range(b.ndim)])
        b = b.reshape(*b.shape[:axis], self.taps, self.stride, *b.shape[axis + 1 :])
        kept = np.flip(b, axis).take(range(self.count), axis + 1)
        return np.asarray(np.swapaxes(kept, axis, axis + 1))

    @property
    def _first(self) -> int:
        """The first (y + pad) // stride."""
        return self.pad // self.stride
