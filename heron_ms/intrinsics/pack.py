"""Packing of a plain weight into the tiles (lanes, depth) of an intrinsic, one tile an intrinsic.

Packed element by element, a weight costs two to three cycles each; shuffled in registers it is a
fraction of a cycle, which is what makes a plain weight nearly as fast as a packed one. Only tiles
are here for which that is no slower than the loops that LLVM makes: smaller tiles of (N, K) it
copies two to three times as fast by itself (measured on Zen 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import IRBuilder, PrimFunc, T, TensorIntrin, prim_func
from heron_ms.intrinsics.build import store

_SHORT = {"int8": "i8", "bfloat16": "bf16"}
# Shuffles of bfloat16 would go by way of float32: TVM computes nothing in bfloat16.
_BITS = {"int8": "int8", "bfloat16": "int16"}

_LAYOUTS = {
    ("int8", 16, 4): ("kn", "nk"),
    ("int8", 8, 4): ("kn",),
    ("bfloat16", 16, 2): ("kn", "nk"),
}

PACK_INTRINSICS: dict[str, str] = {"kn": "pack.kn.i8.16x4", "nk": "pack.nk.i8.16x4"}
"""Intrinsic name by the layout of the plain weight, for tiles of 16 x 4 bytes."""


@dataclass(frozen=True)
class Packing:
    """D[n, k] = S[k, n] ("kn") or S[n, k] ("nk") for a tile; rows of S may lie apart in memory."""

    layout: str
    dtype: str
    lanes: int
    depth: int

    @property
    def name(self) -> str:
        """The name that TVM knows it by."""
        return f"pack.{self.layout}.{_SHORT[self.dtype]}.{self.lanes}x{self.depth}"

    @property
    def shapes(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Of S and D."""
        target = (self.lanes, self.depth)
        return (target[::-1] if self.layout == "kn" else target), target

    def function(self, *, fast: bool) -> PrimFunc:
        """The description, or the fast implementation."""
        with IRBuilder() as builder, prim_func(s_tir=True):
            T.func_name("pack")
            strides = ([T.int32(), 1], [self.depth, 1]) if fast else (None, None)
            source, target = (
                T.arg(name, T.Buffer(shape, self.dtype, offset_factor=1, strides=stride))
                for name, shape, stride in zip("SD", self.shapes, strides, strict=True)
            )
            with T.sblock("root"):
                T.reads(source[0 : self.shapes[0][0], 0 : self.shapes[0][1]])
                T.writes(target[0 : self.lanes, 0 : self.depth])
                (self._shuffle if fast else self._copy)(source, target)
        return builder.get()

    def _copy(self, source: Any, target: Any) -> None:
        with T.grid(self.lanes, self.depth) as (n, k), T.sblock("copy"):
            n, k = T.axis.spatial(self.lanes, n), T.axis.spatial(self.depth, k)
            value = source[k, n] if self.layout == "kn" else source[n, k]
            T.buffer_store(target, value, [n, k])

    def _shuffle(self, source: Any, target: Any) -> None:
        if self.layout == "nk":
            for row in range(self.lanes):
                store(
                    target, source.vload([row, 0], f"{self.dtype}x{self.depth}"), self.depth, [row]
                )
            return
        bits, size = _BITS[self.dtype], self.lanes * self.depth
        rows = [source.vload([row, 0], f"{self.dtype}x{self.lanes}") for row in range(self.depth)]
        vectors = [T.reinterpret(f"{bits}x{self.lanes}", row) for row in rows]
        order = [at % self.depth * self.lanes + at // self.depth for at in range(size)]
        packed = T.reinterpret(f"{self.dtype}x{size}", T.Shuffle(vectors, order))
        store(target, packed, size, [0])


PACKINGS: dict[str, Packing] = {}
"""Every packing intrinsic by name."""


def _register(packing: Packing) -> str:
    if packing.name not in PACKINGS:
        functions = packing.function(fast=False), packing.function(fast=True)
        TensorIntrin.register(packing.name, *functions, override=True)
        PACKINGS[packing.name] = packing
    return packing.name


def packers(dtype: str, lanes: int, depth: int) -> dict[str, str]:
    """Names of a tile's packing intrinsics by layout, registered; {} where none is faster."""
    layouts = _LAYOUTS.get((dtype, lanes, depth), ())
    return {layout: _register(Packing(layout, dtype, lanes, depth)) for layout in layouts}
