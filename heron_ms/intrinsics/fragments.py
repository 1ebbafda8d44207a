"""Where the elements of a tile lie in the registers of a warp.

A fragment is a buffer (32, elements) of scope "warp": a row for each lane, as the hardware has it.
A lane holds words of 32 bits; eight rows of four words are what one ldmatrix of an 8 x 8 brings.

Source: PTX ISA, "Matrix Fragments for mma.m16n8k16"; two m16n8 make one m16n16. Of the fragments of
WMMA it does not say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from heron_ms.hardware.tensorcore import IN_LANES

FRAGMENT = IN_LANES
SHARED = "shared.dyn"
"""TVM's scope of what the threads of a block share, from which tiles are loaded."""
TO_SHARED = "C.shared"
"""The companion that brings a tile of C there."""
BYTES = {"float16": 2, "float32": 4, "bfloat16": 2, "int8": 1, "int32": 4}
_WORD = 4

Place = Callable[[Any, Any], tuple[Any, Any]]
"""From the row and the column of a tile to the lane that holds the element, and where."""


def fragment_of_a(dtype: str) -> Place:
    """Of A, from (row, depth): rows 8 apart lie side by side, then depths half a tile apart."""
    word = _WORD // BYTES[dtype]

    def place(row: Any, depth: Any) -> tuple[Any, Any]:
        half = 4 * word
        lane = 4 * (row % 8) + depth % half // word
        return lane, 2 * word * (depth // half) + word * (row // 8) + depth % word

    return place


def fragment_of_b(dtype: str) -> Place:
    """Of B, from (lane of the tile, depth): all depths of eight lanes, for the first m16n8."""
    word = _WORD // BYTES[dtype]

    def place(column: Any, depth: Any) -> tuple[Any, Any]:
        half = 4 * word
        lane = 4 * (column % 8) + depth % half // word
        return lane, 2 * word * (column // 8) + word * (depth // half) + depth % word

    return place


PARTS_OF_ROW = 2, 8
"""A row of a tile of C: which half, and in it which four lanes."""
PARTS_OF_COLUMN = 2, 4, 2
"""A column of a tile of C: which m16n8, in it which of four lanes, and which element of two."""


def fragment_of_c(row: Any, column: Any) -> tuple[Any, Any]:
    """Of C, from (row, column): two columns side by side, rows 8 apart, then the second m16n8."""
    return 4 * (row % 8) + column % 8 // 2, 4 * (column // 8) + 2 * (row // 8) + column % 2


def as_in_tile(row: Any, column: Any) -> tuple[Any, Any]:
    """Of what only an intrinsic reaches: nobody else asks for the lane, so a tile stays a tile."""
    return row, column
