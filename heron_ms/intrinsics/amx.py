"""AMX: tiles of up to 16 rows, 16 lanes, 64 bytes of depth; of bytes or of floats of 16 bits.

The results stay in tile registers: a buffer of scope "amx.tmm" has the accumulators of one tile of
loops, and the place of an intrinsic's C in it is the number of the register. Nothing takes a
pointer into that buffer, so it is never allocated. The loops over its tiles have to be unrolled,
as the number is part of the instruction.

A tile of A serves a row of these tiles and one of B a column, and the place of C says which. So a
tile of A is loaded by the first multiplication of its row, and one of B by the first of its column,
into a register that it stays in: the tiles of loops go row by row, as they do in any structure that
ends with rows and lanes. All of the others find their operands there. B, which every block of rows
walks through, is loaded with the hint that it need not stay in the first cache, where A would else
make room for it: 1024 x 1024 x 1024 gains a fifth.

B lies as the instruction wants it, (depth / group, lanes, group), where a group are the four bytes
or the two floats of 16 bits that one lane multiplies at once. A and C may have rows of any stride.

Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, TDPBUSD, TDPBSSD,
TDPBSUD, TDPBUUD, TDPBF16PS, TDPFP16PS, TILELOADD, TILELOADDT1, TILESTORED, TILEZERO.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import cache, partial
from typing import Any

from heron_ms._tvm import IRBuilder, PrimFunc, T, prim_func
from heron_ms.hardware.cpu.cpu import TILE_SCOPE
from heron_ms.hardware.cpu.isa import AMX_ROWS
from heron_ms.hardware.memory import GLOBAL
from heron_ms.intrinsics.amx_begin import (
    A_REGISTER,
    LAST_B,
    MOST_COLUMNS,
    REGISTERS,
    ROW,
    ROWS,
    begin,
)
from heron_ms.intrinsics.build import Tile, whole
from heron_ms.intrinsics.intrinsic import Intrinsic
from heron_ms.intrinsics.registry import declare, intrinsic_of, register_companion

_LANES = 16
_INSTRUCTIONS = {
    ("uint8", "int8"): ("tdpbusd", "int32", 4),
    ("int8", "int8"): ("tdpbssd", "int32", 4),
    ("int8", "uint8"): ("tdpbsud", "int32", 4),
    ("uint8", "uint8"): ("tdpbuud", "int32", 4),
    ("bfloat16", "bfloat16"): ("tdpbf16ps", "float32", 2),
    ("float16", "float16"): ("tdpfp16ps", "float32", 2),
}
"""With the dtype of the results, and the values of the depth that a lane multiplies at once."""

_SHORT = {
    **{"uint8": "u8", "int8": "s8", "int32": "s32"},
    **{"bfloat16": "bf16", "float16": "f16", "float32": "f32"},
}


def _call(instruction: str, *arguments: Any) -> None:
    T.evaluate(T.call_llvm_intrin("void", f"llvm.x86.{instruction}", *arguments))


def _place(tile: Any, rows: int) -> tuple[Any, Any, Any]:
    """The row and the column of a tile of results in its buffer, and how many columns there are."""
    offset, stride = tile.elem_offset, tile.strides[0]
    return offset // (rows * stride), offset % stride // _LANES, stride // _LANES


def _register(row: Any, column: Any, columns: Any) -> Any:
    """The number of an accumulator by its place in its buffer, row of tiles by row."""
    return T.cast(row * columns + column, "int8")


def _pointer(tile: Any) -> Any:
    """Of its first element.

    By `tvm_access_ptr` TVM 0.27 would refuse it where it lies in memory that a buffer of another
    dtype had before.
    """
    return T.address_of(tile[tuple(0 for _ in tile.shape)])


def _bytes_apart(tile: Any) -> Any:
    """From a row of a tile to the next."""
    return T.cast(tile.strides[0], "int64") * (tile.dtype.bits // 8)


def _multiply(instruction: str, rows: int) -> Callable[[Any, Any, Any], None]:
    def emit(a: Any, b: Any, c: Any) -> None:
        row, column, columns = _place(c, rows)
        b_register = T.cast(LAST_B - column, "int8")
        # Constants in the end, so no branch is left.
        with T.If(row == 0), T.Then():
            _call("tileloaddt164", b_register, _pointer(b), T.int64(ROW))
        with T.If(column == 0), T.Then():
            _call("tileloadd64", T.int8(A_REGISTER), _pointer(a), _bytes_apart(a))
        _call(instruction, _register(row, column, columns), T.int8(A_REGISTER), b_register)

    return emit


def _zero(rows: int) -> Callable[[Any], None]:
    def emit(tile: Any) -> None:
        place = _place(tile, rows)
        at, columns = _register(*place), place[-1]
        with T.If(at == T.int8(0)), T.Then():  # the first one of a tile of loops
            _begin(rows, columns)
        _call("tilezero", at)

    return emit


def _begin(rows: int, columns: Any) -> None:
    """Tiles of all rows have one configuration; others depend on which registers hold B."""
    for count in range(1, MOST_COLUMNS + 1 if rows < ROWS else 2):
        name, code = begin(rows, count)
        is_it = T.If(columns == count) if rows < ROWS else nullcontext()
        then = T.Then() if rows < ROWS else nullcontext()
        with is_it, then, T.attr(T.int32(0), "pragma_import_llvm", code):
            T.evaluate(T.call_extern("int32", name))


def _buffer(name: str, rows: int, dtype: str, scope: str, *, strided: bool) -> Any:
    strides = [T.int32(), 1] if strided else None
    shape = (rows, _LANES)
    return T.arg(name, T.Buffer(shape, dtype, offset_factor=1, scope=scope, strides=strides))


def _zeroing(rows: int, dtype: str, *, fast: bool) -> PrimFunc:
    with IRBuilder() as builder, prim_func(s_tir=True):
        T.func_name("zero")
        tile = _buffer("C", rows, dtype, TILE_SCOPE, strided=fast)
        with T.sblock("root"):
            T.reads()
            T.writes(whole(tile))
            if fast:
                _zero(rows)(tile)
            else:
                with T.grid(rows, _LANES) as (i, j), T.sblock("zero"):
                    i, j = T.axis.spatial(rows, i), T.axis.spatial(_LANES, j)
                    T.buffer_store(tile, T.cast(0, dtype), [i, j])
    return builder.get()


def _storing(rows: int, dtype: str, *, fast: bool) -> PrimFunc:
    with IRBuilder() as builder, prim_func(s_tir=True):
        T.func_name("store")
        source = _buffer("S", rows, dtype, TILE_SCOPE, strided=fast)
        target = _buffer("D", rows, dtype, GLOBAL, strided=fast)
        with T.sblock("root"):
            T.reads(whole(source))
            T.writes(whole(target))
            if fast:
                at = _register(*_place(source, rows))
                _call("tilestored64", at, _pointer(target), _bytes_apart(target))
            else:
                with T.grid(rows, _LANES) as (i, j), T.sblock("copy"):
                    i, j = T.axis.spatial(rows, i), T.axis.spatial(_LANES, j)
                    T.buffer_store(target, source[i, j], [i, j])
    return builder.get()


@cache
def _companions(rows: int, dtype: str) -> dict[str, str]:
    """What zeroes an accumulator and what stores it, registered."""
    made = {"zero": ("zero", _zeroing), "C": ("store", _storing)}
    return {
        part: register_companion(
            f"amx.{word}.{dtype}.{rows}x{_LANES}",
            function(rows, dtype, fast=False),
            function(rows, dtype, fast=True),
        )
        for part, (word, function) in made.items()
    }


def _tile(a_dtype: str, b_dtype: str, rows: int) -> Tile:
    _, c_dtype, group = _INSTRUCTIONS[a_dtype, b_dtype]
    scopes = (GLOBAL, GLOBAL, TILE_SCOPE)
    return Tile(a_dtype, b_dtype, c_dtype, _LANES, ROWS * group, rows, scopes, group)


def _name(tile: Tile) -> str:
    dtypes = "".join(_SHORT[dtype] for dtype in tile.dtypes)
    return f"amx.{dtypes}.{tile.rows}x{tile.lanes}x{tile.depth}"


def _dot_product(tile: Tile) -> Intrinsic:
    """With its companions registered."""
    instruction = _INSTRUCTIONS[tile.a_dtype, tile.b_dtype][0]
    return intrinsic_of(
        _name(tile),
        tile,
        _multiply(instruction, tile.rows),
        instruction=instruction,
        b_layout="knk",
        companions=_companions(tile.rows, tile.c_dtype),
        accumulators=REGISTERS - 2,
        cycles=_cycles(tile.rows),
    )


def _cycles(rows: int) -> float:
    """Of one multiplication, 16 for 16 rows.

    Four of 16, 14, 8 and up to 7 rows take 22.1, 20.2, 13.8 and 12.8 ns on Emerald Rapids.
    """
    return 16.0 * max(12.8, 13.8 + (rows - 8) * 8.3 / 8) / 22.1


AMX = tuple(
    declare(_name(tile), partial(_dot_product, tile))
    for rows in AMX_ROWS
    for tile in (_tile(*dtypes, rows) for dtypes in _INSTRUCTIONS)
)
"""Their names."""
