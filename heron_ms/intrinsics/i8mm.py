"""AArch64 matrix multiplication of bytes: 2 rows, 2 lanes, 8 deep, into 32-bit integers.

Source: Arm Architecture Reference Manual (DDI 0487), SMMLA (vector) and USMMLA (vector), which
multiplies unsigned by signed bytes. A vector register holds two rows of 8 bytes of A or B, or the
2 x 2 tile of C; the rows of A and C may lie apart in memory.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import T
from heron_ms.intrinsics.build import Emit, Tile, llvm, store
from heron_ms.intrinsics.registry import dot_product


def _rows(buffer: Any, length: int) -> Any:
    """Two rows of a buffer as one vector."""
    rows = [buffer.vload([row, 0], f"{buffer.dtype}x{length}") for row in range(2)]
    return T.Shuffle(rows, list(range(2 * length)))


def _matrix_multiply(instruction: str) -> Emit:
    def emit(a: Any, b: Any, c: Any) -> None:
        left = T.reinterpret("int8x16", _rows(a, 8))
        name = f"llvm.aarch64.neon.{instruction}.v4i32.v16i8"
        total = llvm("int32x4", name, _rows(c, 2), left, b.vload([0, 0], "int8x16"))
        whole = T.bind(total)
        for row in range(2):
            store(c, T.Shuffle([whole], [2 * row, 2 * row + 1]), 2, [row])

    return emit


SMMLA = dot_product(
    "i8mm.s8s8s32.2x2x8", Tile("int8", "int8", "int32", 2, 8, 2), _matrix_multiply("smmla"), "smmla"
)
USMMLA = dot_product(
    "i8mm.u8s8s32.2x2x8",
    Tile("uint8", "int8", "int32", 2, 8, 2),
    _matrix_multiply("usmmla"),
    "usmmla",
)
