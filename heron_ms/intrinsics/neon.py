"""AArch64 dot products of bytes: 4 lanes, 4 deep, into 32-bit integers.

Source: Arm Architecture Reference Manual (DDI 0487), SDOT (vector) and USDOT (vector), which
multiplies unsigned by signed bytes. A CPU without them multiplies to 16 bits, which hold every
product of two bytes that are not both unsigned, and adds neighbours: SADDLP to 32 bits, then ADDP.
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


def _widened(a_dtype: str) -> Emit:
    def emit(a: Any, b: Any, c: Any) -> None:
        left = T.cast(T.reinterpret(f"{a_dtype}x8", spread(a, 2)), "int16x8")
        pairs = [
            llvm("int32x4", "llvm.aarch64.neon.saddlp.v4i32.v8i16", left * right)
            for right in (T.cast(b.vload([lane, 0], "int8x8"), "int16x8") for lane in (0, 2))
        ]
        total = llvm("int32x4", "llvm.aarch64.neon.addp.v4i32", *pairs)
        store(c, c.vload([0], "int32x4") + total, 4)

    return emit


SDOT = dot_product("dotprod.s8s8s32.4x4", Tile("int8", "int8", "int32", 4, 4), _dot("sdot"), "sdot")
USDOT = dot_product(
    "i8mm.u8s8s32.4x4", Tile("uint8", "int8", "int32", 4, 4), _dot("usdot"), "usdot"
)
NEON_S8 = dot_product(
    "neon.s8s8s32.4x4", Tile("int8", "int8", "int32", 4, 4), _widened("int8"), "saddlp"
)
NEON_U8 = dot_product(
    "neon.u8s8s32.4x4", Tile("uint8", "int8", "int32", 4, 4), _widened("uint8"), "saddlp"
)
