"""VNNI: 16 or 8 lanes of 4-deep 8-bit dot products into 32-bit integers.

Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, VPDPBUSD. The
instruction multiplies unsigned by signed bytes and does not saturate; LLVM 22 declares it as
(i32xN, i8x4N, i8x4N), under one name for the EVEX and the VEX encoding of the 8 lanes.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import T
from heron_ms.intrinsics.build import Tile, llvm
from heron_ms.intrinsics.registry import dot_product
from heron_ms.intrinsics.signs import emitter


def _vpdpbusd(lanes: int, c: Any, a: Any, b: Any) -> Any:
    """c + a . b of vectors; ``a`` comes as int32, four bytes a lane."""
    name = f"llvm.x86.avx512.vpdpbusd.{32 * lanes}"
    return llvm(f"int32x{lanes}", name, c, T.reinterpret(f"int8x{4 * lanes}", a), b)


def _dot_product(prefix: str, a_dtype: str, lanes: int) -> Any:
    tile = Tile(a_dtype, "int8", "int32", lanes, 4)
    emit = emitter(_vpdpbusd, a_dtype, lanes)
    sign = "u8" if a_dtype == "uint8" else "s8"
    return dot_product(f"{prefix}.{sign}s8s32.{lanes}x4", tile, emit, "vpdpbusd")


VNNI_U8 = _dot_product("vnni", "uint8", 16)
VNNI_S8 = _dot_product("vnni", "int8", 16)
VNNI_U8_8 = _dot_product("vnni", "uint8", 8)
VNNI_S8_8 = _dot_product("vnni", "int8", 8)
AVX_VNNI_U8 = _dot_product("avxvnni", "uint8", 8)
AVX_VNNI_S8 = _dot_product("avxvnni", "int8", 8)
