"""Fused multiply-add of float32: AVX-512 16 lanes, AVX with FMA 8 lanes, Neon 4 lanes, 1 deep.

Sources: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, VFMADD213PS; Arm
Architecture Reference Manual (DDI 0487), FMLA (by element). The call is LLVM's `llvm.fma`, which
is one rounding whatever the flags for fast arithmetic say.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import T
from heron_ms.intrinsics.build import Emit, Tile, llvm, store
from heron_ms.intrinsics.registry import dot_product

_CYCLES = 0.5
"""Two execute side by side on the cores that tuning is for."""


def _fma(lanes: int) -> Emit:
    def emit(a: Any, b: Any, c: Any) -> None:
        dtype = f"float32x{lanes}"
        left = T.broadcast(a[0], lanes)
        total = llvm(dtype, f"llvm.fma.v{lanes}f32", left, b.vload([0], dtype), c.vload([0], dtype))
        store(c, total, lanes)

    return emit


def _multiply_add(prefix: str, lanes: int, instruction: str) -> Any:
    tile = Tile("float32", "float32", "float32", lanes, 1)
    name = f"{prefix}.f32f32f32.{lanes}x1"
    return dot_product(name, tile, _fma(lanes), instruction, cycles=_CYCLES)


AVX512_F32 = _multiply_add("avx512f", 16, "vfmadd")
FMA_F32 = _multiply_add("fma", 8, "vfmadd")
NEON_F32 = _multiply_add("neon", 4, "fmla")
