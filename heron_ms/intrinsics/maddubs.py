"""8-bit dot products on x86 without VNNI by small weights: AVX-512BW 16 lanes, AVX2 8, 4 deep.

Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, VPMADDUBSW: products
of unsigned by signed bytes, added in pairs into 16 bits, where they saturate; VPMADDWD by ones adds
these in pairs into 32 bits. With small bytes (`heron_ms.small_bytes`) on the right no sum reaches
the ends of 16 bits, whatever is on the left. That is three instructions where `madd` takes four,
and shifts before them.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import T
from heron_ms.intrinsics.build import Tile, llvm
from heron_ms.intrinsics.madd import VPMADDWD
from heron_ms.intrinsics.registry import dot_product
from heron_ms.intrinsics.signs import emitter

_VPMADDUBSW = {16: "llvm.x86.avx512.pmaddubs.w.512", 8: "llvm.x86.avx2.pmadd.ub.sw"}


def _accumulate(lanes: int, c: Any, a: Any, b: Any) -> Any:
    left = T.reinterpret(f"int8x{4 * lanes}", a)
    pairs = llvm(f"int16x{2 * lanes}", _VPMADDUBSW[lanes], left, b)
    ones = T.broadcast(T.int16(1), 2 * lanes)
    return c + llvm(f"int32x{lanes}", VPMADDWD[lanes], pairs, ones)


def _dot_product(prefix: str, a_dtype: str, lanes: int) -> Any:
    tile = Tile(a_dtype, "int8", "int32", lanes, 4)
    sign = "u8" if a_dtype == "uint8" else "s8"
    emit = emitter(_accumulate, a_dtype, lanes)
    name = f"{prefix}.{sign}s7s32.{lanes}x4"
    return dot_product(name, tile, emit, "vpmaddubsw", b_is_small=True)


AVX512BW_U8_SMALL = _dot_product("avx512bw", "uint8", 16)
AVX512BW_S8_SMALL = _dot_product("avx512bw", "int8", 16)
AVX2_U8_SMALL = _dot_product("avx2", "uint8", 8)
AVX2_S8_SMALL = _dot_product("avx2", "int8", 8)
