"""VTA's matrix unit: (batch, block) += (batch, block) x (block, block) of bytes, and its zero.

The implementations are calls of names that no compiler knows: `heron_ms.measure.vta` reads from
them which place of which memory each operand is. They are the same for every place, so what moves
data needs no companion: a load or a store of DRAM is a region of a whole copy, which is read off
the loops of the copy, padding included, where an intrinsic would cut it into single elements.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from heron_ms._tvm import IRBuilder, PrimFunc, T, prim_func
from heron_ms.hardware.vta import BATCHES, BLOCKS
from heron_ms.intrinsics.build import Tile, whole
from heron_ms.intrinsics.intrinsic import Intrinsic
from heron_ms.intrinsics.registry import declare, intrinsic_of, register_companion

INP, WGT, ACC = "local.inp_buffer", "local.wgt_buffer", "local.acc_buffer"
GEMM, RESET = "vta.gemm", "vta.reset"
"""What an implementation calls: for each operand, C first, its buffer, the offset in it and how far
apart the rows of a tile lie there, zero where it has but one."""


def _call(name: str, *buffers: Any) -> None:
    places = [part for b in buffers for part in (b.data, b.elem_offset, _rows_apart(b))]
    T.evaluate(T.call_extern("int32", name, *places))


def _rows_apart(buffer: Any) -> Any:
    return buffer.strides[0] if len(buffer.shape) == 2 and len(buffer.strides) == 2 else 0


def _zero(shape: tuple[int, ...], *, called: bool) -> PrimFunc:
    """A place of the accumulators becomes zero."""
    with IRBuilder() as builder, prim_func(s_tir=True):
        T.func_name("zero")
        c = T.arg("C", T.Buffer(shape, "int32", offset_factor=1, scope=ACC))
        with T.sblock("root"):
            T.reads()
            T.writes(whole(c))
            if called:
                _call(RESET, c)
            else:
                _fill(c, shape)
    return builder.get()


def _fill(c: Any, shape: tuple[int, ...]) -> None:
    with T.grid(*shape) as loops, T.sblock("init"):
        loops = [loops] if len(shape) == 1 else loops
        at = [T.axis.spatial(size, loop) for size, loop in zip(shape, loops, strict=True)]
        T.buffer_store(c, T.int32(0), at)


def _tile(batch: int, block: int) -> Tile:
    return Tile("int8", "int8", "int32", block, block, batch, scopes=(INP, WGT, ACC))


def _name(tile: Tile) -> str:
    return f"vta.s8s8s32.{tile.rows}x{tile.lanes}x{tile.depth}"


def _unit(tile: Tile) -> Intrinsic:
    """The matrix unit of a shape, its companion registered."""
    shape = tile.shapes[-1]
    zero = f"vta.zero.{tile.rows}x{tile.lanes}"
    register_companion(zero, _zero(shape, called=False), _zero(shape, called=True))
    return intrinsic_of(
        _name(tile),
        tile,
        lambda a, b, c: _call(GEMM, c, a, b),
        companions={"zero": zero},
        takes_elements=True,
    )


UNITS = tuple(
    declare(_name(tile), partial(_unit, tile))
    for tile in (_tile(batch, block) for batch in BATCHES for block in BLOCKS)
)
"""Names of the shapes that a machine can list."""
