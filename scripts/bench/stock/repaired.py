# mypy: disable-error-code="valid-type, untyped-decorator"
"""Stock's VNNI intrinsic with the operand types that LLVM 22 wants, without which none builds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tvm.s_tir import TensorIntrin
from tvm.script import tirx as T

STOCK_VNNI = "dot_16x4_vnni"


@contextmanager
def repaired_stock_intrinsic() -> Iterator[None]:
    """Gives stock's VNNI intrinsic the operand types that LLVM 22 wants, in this process only.

    LLVM takes (i32x16, i8x64, i8x64); the wheel passes i32x16 three times and never builds.
    """
    stock = TensorIntrin.get(STOCK_VNNI)
    TensorIntrin.register(STOCK_VNNI, stock.desc, _implementation(), override=True)
    try:
        yield
    finally:
        TensorIntrin.register(STOCK_VNNI, stock.desc, stock.impl, override=True)


def _implementation() -> Any:
    # fmt: off
    @T.prim_func(s_tir=True)
    def implementation(A: T.Buffer((4,), "uint8", offset_factor=1),
                       B: T.Buffer((16, 4), "int8", offset_factor=1),
                       C: T.Buffer((16,), "int32", offset_factor=1)) -> None:
        with T.sblock("root"):
            T.reads(C[0:16], A[0:4], B[0:16, 0:4])
            T.writes(C[0:16])
            a = T.reinterpret(A.vload([0], "uint8x4"), dtype="int32")
            C[T.ramp(T.int32(0), 1, 16)] = T.call_llvm_pure_intrin(
                T.llvm_lookup_intrinsic_id("llvm.x86.avx512.vpdpbusd.512"),
                C.vload([0], dtype="int32x16"),
                T.reinterpret(T.broadcast(a, 16), dtype="int8x64"),
                B.vload([0, 0], dtype="int8x64"),
                dtype="int32x16",
            )
    # fmt: on

    return implementation
