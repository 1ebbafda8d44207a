"""AArch64 dot products of bytes: 4 lanes, 4 deep, into 32-bit integers.

Source: Arm Architecture Reference Manual (DDI 0487), SDOT (vector) and USDOT (vector), which
multiplies unsigned by signed bytes.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import T
from heron_ms.intrinsics.build import Emit, Tile, llvm, spread, store
from heron_ms.intrinsics.registry import dot_product


def _dot(instruction: str) -> Emit:
    def emit(a: Any, b: Any, c: Any) -> None:
        left = T.reinterpret("int8x16", spread(a, 4))
        name = f"llvm.aarch64.neon.{instruction}.v4i32.v16i8"
        old, right = c.vload([0], "int32x4"), b.vload([0, 0], "int8x16")
        store(c, llvm("int32x4", name, old, left, right), 4)

    return emit


SDOT = dot_product("dotprod.s8s8s32.4x4", Tile("int8", "int8", "int32", 4, 4), _dot("sdot"), "sdot")
USDOT = dot_product(
    "i8mm.u8s8s32.4x4", Tile("uint8", "int8", "int32", 4, 4), _dot("usdot"), "usdot"
)
