"""The intrinsic of the abacus, 4 x 4 x 4 bytes, and the loads, the store and the zero around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from heron_ms._tvm import IRBuilder, PrimFunc, T, prim_func
from heron_ms.intrinsics import Intrinsic, Tile, describe, implement, register_companion
from heron_ms.intrinsics.build import multiply_accumulate

SIZE = 4
ACCUMULATORS, SCRATCHPAD, DRAM = "local.accumulators", "shared.scratchpad", "global"


def _tile(name: str, dtype: str, scope: str, *, strided: bool) -> Any:
    """An argument of one tile; ``strided``: whose rows may lie apart."""
    strides = [T.int32(), 1] if strided else None
    buffer = T.Buffer((SIZE, SIZE), dtype, offset_factor=1, strides=strides, scope=scope)
    return T.arg(name, buffer)


def _companion(name: str, make: Callable[[bool], PrimFunc]) -> str:
    return register_companion(f"abacus.{name}", make(False), make(True))


def _copy(name: str, dtype: str, scopes: Sequence[str], *, turned: bool = False) -> str:
    """An intrinsic that copies a tile between memories, turned or as it is."""

    def function(strided: bool) -> PrimFunc:
        with IRBuilder() as builder, prim_func(s_tir=True):
            T.func_name("copy")
            source, target = (
                _tile(argument, dtype, scope, strided=strided)
                for argument, scope in zip("SD", scopes, strict=True)
            )
            with T.sblock("root"):
                T.reads(source[0:SIZE, 0:SIZE])
                T.writes(target[0:SIZE, 0:SIZE])
                with T.grid(SIZE, SIZE) as (i, j), T.sblock("copy"):
                    i, j = T.axis.spatial(SIZE, i), T.axis.spatial(SIZE, j)
                    T.buffer_store(target, source[j, i] if turned else source[i, j], [i, j])
        return builder.get()

    return _companion(name, function)


def _zero() -> str:
    """An intrinsic that starts a tile of the result."""

    def function(strided: bool) -> PrimFunc:
        with IRBuilder() as builder, prim_func(s_tir=True):
            T.func_name("zero")
            target = _tile("C", "int32", ACCUMULATORS, strided=strided)
            with T.sblock("root"):
                T.reads()
                T.writes(target[0:SIZE, 0:SIZE])
                with T.grid(SIZE, SIZE) as (i, j), T.sblock("init"):
                    i, j = T.axis.spatial(SIZE, i), T.axis.spatial(SIZE, j)
                    T.buffer_store(target, T.int32(0), [i, j])
        return builder.get()

    return _companion("zero", function)


def multiply() -> Intrinsic:
    shape = Tile(
        *("uint8", "int8", "int32", SIZE, SIZE, SIZE),
        scopes=(SCRATCHPAD, SCRATCHPAD, ACCUMULATORS),
    )

    def emit(a: Any, b: Any, c: Any) -> None:
        multiply_accumulate(a, b, c, rows=SIZE, lanes=SIZE, depth=SIZE)

    return Intrinsic(
        name="abacus.u8s8s32.4x4x4",
        features=frozenset(),
        a_dtype="uint8",
        b_dtype="int8",
        c_dtype="int32",
        rows=SIZE,
        lanes=SIZE,
        depth=SIZE,
        description=describe(shape),
        implementation=implement(shape, emit),
        pack={
            "kn": _copy("load_kn", "int8", (DRAM, SCRATCHPAD), turned=True),
            "nk": _copy("load_nk", "int8", (DRAM, SCRATCHPAD)),
        },
        companions={
            "zero": _zero(),
            "A": _copy("load", "uint8", (DRAM, SCRATCHPAD)),
            "C": _copy("store", "int32", (ACCUMULATORS, DRAM)),
        },
    )
