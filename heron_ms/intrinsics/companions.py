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
class Held:
    """A tile where only an instruction reaches it, compact: its shape, dtype and TVM's scope."""

    shape: tuple[int, int]
    dtype: str
    scope: str

    @property
    def buffer(self) -> Any:
        """A buffer of it."""
        return T.Buffer(self.shape, self.dtype, align=64, offset_factor=1, scope=self.scope)


@dataclass(frozen=True)
class InMemory:
    """A tile in memory, whose rows lie anywhere: its shape, dtype and TVM's scope."""

    shape: tuple[int, int]
    dtype: str
    scope: str

    @property
    def buffer(self) -> Any:
        """A buffer of it."""
        strides = [T.int32(), 1]
        return T.Buffer(self.shape, self.dtype, offset_factor=1, strides=strides, scope=self.scope)


def copying(memory: InMemory, held: Held, body: Callable[[Any, Any], None]) -> PrimFunc:
    """A copy from memory; ``body`` takes the buffers (memory, held)."""
    with IRBuilder() as builder, prim_func(s_tir=True):
        T.func_name("copy")
        source, target = T.arg("S", memory.buffer), T.arg("D", held.buffer)
        _copied(source, target, lambda: body(source, target))
    return builder.get()


def copying_back(memory: InMemory, held: Held, body: Callable[[Any, Any], None]) -> PrimFunc:
    """A copy to memory; ``body`` takes the buffers (memory, held)."""
    with IRBuilder() as builder, prim_func(s_tir=True):
        T.func_name("copy")
        source, target = T.arg("S", held.buffer), T.arg("D", memory.buffer)
        _copied(source, target, lambda: body(target, source))
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


def _copied(source: Any, target: Any, body: Callable[[], None]) -> None:
    with T.sblock("root"):
        T.reads(whole(source))
        T.writes(whole(target))
        body()
