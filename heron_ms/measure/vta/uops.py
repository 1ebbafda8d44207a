"""Micro-ops: the places of an accumulator, an input and a weight in a word of 32 bits.

Source: apache/tvm-vta, include/vta/hw_spec.h, VTAUop. Of an ALU instruction the middle field is the
second accumulator; it is as wide as the wider of the two.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from heron_ms.errors import FaultError
from heron_ms.hardware.vta import ACC, INP, WGT, Vta

Uops = NDArray[np.uint32]


def _widths(machine: Vta) -> tuple[int, int, int]:
    acc, inp, wgt = (machine.depth(memory).bit_length() - 1 for memory in (ACC, INP, WGT))
    return acc, max(acc, inp), wgt


def pack(places: Sequence[NDArray[np.int64]], machine: Vta) -> Uops:
    """Places of accumulators, inputs and weights, the latter two left out where there is none.

    Raises `FaultError` where one is beyond the end of its memory.
    """
    words = np.zeros(len(places[0]), np.int64)
    shift = 0
    for place, width in zip(places, _widths(machine), strict=False):
        if len(place) and not 0 <= place.min() <= place.max() < 1 << width:
            raise FaultError(f"a micro-op names place {place.max()} of {1 << width}", "bounds")
        words |= place << shift
        shift += width
    return words.astype(np.uint32)


def unpack(words: Uops, machine: Vta) -> list[NDArray[np.int64]]:
    """The three places of each micro-op."""
    places, rest = [], words.astype(np.int64)
    for width in _widths(machine):
        places.append(rest & (1 << width) - 1)
        rest = rest >> width
    return places
