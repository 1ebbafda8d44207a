"""What stands around an intrinsic: copies between memory and what holds its tiles, and the zero.

Each of these functions is made twice: as it is described, in plain stores, and as the instruction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import IRBuilder, PrimFunc, T, prim_func
from heron_ms.intrinsics.build import whole


@dataclass(frozen=True)
class _Tile:
    """The shape and dtype of a tile, and TVM's scope of the memory that it lies in."""

    shape: tuple[int, int]
    dtype: str
    scope: str


class Held(_Tile):
    """A tile where only an instruction reaches it, compact."""

    @property
    def buffer(self) -> Any:
        """A buffer of it."""
        return T.Buffer(self.shape, self.dtype, align=64, offset_factor=1, scope=self.scope)


class InMemory(_Tile):
    """A tile in memory, whose rows lie anywhere."""

    @property
    def buffer(self) -> Any:
        """A buffer of it."""
        strides = [T.int32(), 1]
        return T.Buffer(self.shape, self.dtype, offset_factor=1, strides=strides, scope=self.scope)


def copying(
    source: Held | InMemory, target: Held | InMemory, body: Callable[[Any, Any], None]
) -> PrimFunc:
    """A copy of a tile; ``body`` takes the buffers (source, target)."""
    with IRBuilder() as builder, prim_func(s_tir=True):
        T.func_name("copy")
        read, written = T.arg("S", source.buffer), T.arg("D", target.buffer)
        with T.sblock("root"):
            T.reads(whole(read))
            T.writes(whole(written))
            body(read, written)
    return builder.get()


def filling(held: Held, body: Callable[[Any], None]) -> PrimFunc:
    """What gives a tile its first values; ``body`` takes its buffer."""
    with IRBuilder() as builder, prim_func(s_tir=True):
        T.func_name("zero")
        target = T.arg("C", held.buffer)
        with T.sblock("root"):
            T.reads()
            T.writes(whole(target))
            body(target)
    return builder.get()
