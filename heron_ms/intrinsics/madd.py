"""8-bit dot products on x86 without VNNI: AVX-512BW 16 lanes, AVX2 8 lanes, 4 deep, exact.

Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, VPMADDWD: products
of signed 16-bit numbers, added in pairs into 32 bits. VPMADDUBSW takes bytes but saturates its
16-bit sums (`maddubs` has it for weights that are small). The bytes of a 16-bit pair become two
16-bit numbers: the odd one by a shift to the right, the even one by a shift to the left and back.
LLVM does this to B once for all rows of an unrolled tile.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import T
from heron_ms.intrinsics.build import Emit, Tile, llvm, spread, store
from heron_ms.intrinsics.registry import dot_product

VPMADDWD = {16: "llvm.x86.avx512.pmaddw.d.512", 8: "llvm.x86.avx2.pmadd.wd"}


def _even_odd(pairs: Any, dtype: str, lanes: int) -> tuple[Any, Any]:
    """The even and the odd bytes of a vector as 16-bit numbers; ``dtype`` is "int8" or "uint8".

    Unsigned shifts fill with zeros and signed ones with the sign.
    """
    wide = "uint16" if dtype == "uint8" else "int16"
    eight = T.broadcast(T.Cast(wide, T.int32(8)), 2 * lanes)
    vector = T.reinterpret(f"{wide}x{2 * lanes}", pairs)
    parts = T.shift_right(T.shift_left(vector, eight), eight), T.shift_right(vector, eight)
    even, odd = (T.reinterpret(f"int16x{2 * lanes}", part) for part in parts)
    return even, odd


def _multiply(a_dtype: str, lanes: int) -> Emit:
    def emit(a: Any, b: Any, c: Any) -> None:
        left = _even_odd(spread(a, lanes), a_dtype, lanes)
        right = _even_odd(b.vload([0, 0], f"int8x{4 * lanes}"), "int8", lanes)
        dtype, name = f"int32x{lanes}", VPMADDWD[lanes]
        even, odd = (llvm(dtype, name, *pair) for pair in zip(left, right, strict=True))
        store(c, c.vload([0], dtype) + even + odd, lanes)

    return emit


def _dot_product(prefix: str, a_dtype: str, lanes: int) -> Any:
    sign = "u8" if a_dtype == "uint8" else "s8"
    tile = Tile(a_dtype, "int8", "int32", lanes, 4)
    name = f"{prefix}.{sign}s8s32.{lanes}x4"
    return dot_product(name, tile, _multiply(a_dtype, lanes), "vpmaddwd", widened=2)


AVX512BW_U8 = _dot_product("avx512bw", "uint8", 16)
AVX512BW_S8 = _dot_product("avx512bw", "int8", 16)
AVX2_U8 = _dot_product("avx2", "uint8", 8)
AVX2_S8 = _dot_product("avx2", "int8", 8)
