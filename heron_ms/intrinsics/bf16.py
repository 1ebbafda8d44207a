"""AVX512-BF16: 16 lanes of 2-deep bfloat16 dot products into float32.

Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, VDPBF16PS. It rounds
to nearest, and takes and makes subnormal numbers as zero.

TVM 0.27 rewrites every bfloat16 argument of a call to float32, so the instruction, whose operands
LLVM declares as bfloat, cannot be called from TensorIR. A function in LLVM's own language takes the
bits as integers instead; TVM links it into the kernel and LLVM inlines it.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import T
from heron_ms.intrinsics.build import Tile, spread, store
from heron_ms.intrinsics.registry import dot_product

_LANES = 16
_FUNCTION = "heron_ms_vdpbf16ps_512"
_SOURCE = f"""
declare <16 x float> @llvm.x86.avx512bf16.dpbf16ps.512(<16 x float>, <32 x bfloat>, <32 x bfloat>)

define <16 x float> @{_FUNCTION}(<16 x float> %c, <16 x i32> %a, <16 x i32> %b) alwaysinline {{
  %left = bitcast <16 x i32> %a to <32 x bfloat>
  %right = bitcast <16 x i32> %b to <32 x bfloat>
  %total = call <16 x float> @llvm.x86.avx512bf16.dpbf16ps.512(<16 x float> %c, <32 x bfloat> %left,
                                                               <32 x bfloat> %right)
  ret <16 x float> %total
}}
"""


def _vdpbf16ps(a: Any, b: Any, c: Any) -> None:
    right = T.reinterpret(f"int32x{_LANES}", b.vload([0, 0], f"bfloat16x{2 * _LANES}"))
    old = c.vload([0], f"float32x{_LANES}")
    with T.attr(T.int32(0), "pragma_import_llvm", _SOURCE):
        total = T.call_pure_extern(f"float32x{_LANES}", _FUNCTION, old, spread(a, _LANES), right)
        store(c, total, _LANES)


AVX512_BF16 = dot_product(
    "avx512bf16.bf16bf16f32.16x2",
    Tile("bfloat16", "bfloat16", "float32", _LANES, 2),
    _vdpbf16ps,
    "vdpbf16ps",
)
