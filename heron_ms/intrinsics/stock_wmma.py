"""TVM's own WMMA: 16 x 16 x 16, float16 into float32, for matching only.

Source: PTX ISA, wmma.mma.sync, from sm_70 on. TVM registers the intrinsic, with the implementation,
when a `TuneContext` is made; the description here is the same, so that a program can be matched
without the two seconds that this takes.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import IRBuilder, PrimFunc, T, prim_func
from heron_ms.intrinsics.intrinsic import Intrinsic
from heron_ms.intrinsics.registry import register

_SIZE = 16


def _operand(name: str, dtype: str, scope: str) -> Any:
    buffer = T.Buffer((_SIZE, _SIZE), dtype, align=64, offset_factor=_SIZE, scope=f"wmma.{scope}")
    return T.arg(name, buffer)


def _description() -> PrimFunc:
    with IRBuilder() as builder, prim_func(s_tir=True):
        T.func_name("wmma_sync_desc")
        a = _operand("A", "float16", "matrix_a")
        b = _operand("B", "float16", "matrix_b")
        c = _operand("C", "float32", "accumulator")
        with T.sblock("root"):
            T.reads(*(operand[0:_SIZE, 0:_SIZE] for operand in (c, a, b)))
            T.writes(c[0:_SIZE, 0:_SIZE])
            with T.grid(_SIZE, _SIZE, _SIZE) as (i, j, k), T.sblock(""):
                i, j = T.axis.spatial(_SIZE, i), T.axis.spatial(_SIZE, j)
                k = T.axis.reduce(_SIZE, k)
                product = T.cast(a[i, k], "float32") * T.cast(b[k, j], "float32")
                T.buffer_store(c, c[i, j] + product, [i, j])
    return builder.get()


WMMA_F16 = register(
    Intrinsic(
        name="wmma_sync_16x16x16_f16f16f32",
        features=frozenset({"sm_70"}),
        a_dtype="float16",
        b_dtype="float16",
        c_dtype="float32",
        rows=_SIZE,
        lanes=_SIZE,
        depth=_SIZE,
        description=_description(),
        implementation=None,
        instruction="wmma",
        b_layout="kn",
    )
)
