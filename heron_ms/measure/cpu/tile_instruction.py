"""The multiplication of tile registers, as an instruction whose speed can be measured.

Two tiles of each operand and four of sums stay in registers while the instruction adds to the sums
in turn. The operands are random, bytes or normal numbers of bfloat16: on zeros the clock is a fifth
higher.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import IRBuilder, PrimFunc, T, prim_func
from heron_ms.intrinsics.amx_begin import ROW, ROWS, begin

_SIZE = ROWS * ROW
_PAIRS = ((0, 4, 6), (1, 4, 7), (2, 5, 6), (3, 5, 7))
"""The registers of the sums, of the left and of the right operand."""


@dataclass(frozen=True)
class TileInstruction:
    """sums[16, 16] += left[16, 64] . right[16, 16, 4] of bytes, or half as many of bfloat16.

    See `Instruction`. operand_dtype: of left and right, uint8 or bfloat16.
    """

    feature: str
    llvm: str
    operand_dtype: str

    @property
    def operations(self) -> int:
        """Operations of one execution: two for each multiply-accumulate."""
        return 2 * ROWS * 16 * ROW // (1 if self.operand_dtype == "uint8" else 2)

    def operands(self, rng: np.random.Generator) -> list[NDArray[Any]]:
        """Random values as bytes, two tiles of each operand."""
        return [self._random(rng) for _ in range(2)]

    def _random(self, rng: np.random.Generator) -> NDArray[Any]:
        if self.operand_dtype == "uint8":
            return rng.integers(0, 256, 2 * _SIZE, dtype="uint8")
        import ml_dtypes

        return rng.standard_normal(_SIZE).astype(ml_dtypes.bfloat16).view("uint8")

    def sums(self, threads: int, count: int) -> NDArray[Any]:
        """A tile of sums for every thread."""
        return np.zeros((threads, _SIZE // 4), "int32")

    def loop(self, threads: int, count: int, rounds: int) -> PrimFunc:
        """A function of left, right and sums that multiplies ``count`` times in each round."""
        name, code = begin(ROWS)
        with IRBuilder() as builder, prim_func(s_tir=True):
            T.func_name("main")
            left, right = (
                T.arg(operand, T.Buffer((2 * _SIZE,), "uint8")) for operand in ("left", "right")
            )
            sums = T.arg("sums", T.Buffer((threads, _SIZE // 4), "int32"))
            with T.parallel(threads) as thread, T.sblock("thread"):
                at = T.axis.spatial(threads, thread)
                with T.attr(T.int32(0), "pragma_import_llvm", code):
                    T.evaluate(T.call_extern("int32", name))
                    self._body(left, right, sums, at, count, rounds)
        return builder.get()

    def _body(self, left: Any, right: Any, sums: Any, at: Any, count: int, rounds: int) -> None:
        for register in range(4):
            _call("llvm.x86.tilezero", register)
        for register, (operand, tile) in enumerate(
            ((left, 0), (left, 1), (right, 0), (right, 1)), start=4
        ):
            pointer = T.address_of(operand[tile * _SIZE])
            _call("llvm.x86.tileloadd64", register, pointer, T.int64(ROW))
        with T.serial(rounds):
            for place in range(count):
                _call(self.llvm, *_PAIRS[place % len(_PAIRS)])
        for register in range(4):
            _call("llvm.x86.tilestored64", register, T.address_of(sums[at, 0]), T.int64(ROW))


def _call(name: str, *arguments: Any) -> None:
    values = [T.int8(value) if isinstance(value, int) else value for value in arguments]
    T.evaluate(T.call_llvm_intrin("void", name, *values))


TILE = TileInstruction("amx-int8", "llvm.x86.tdpbusd", "uint8")
TILE_BFLOAT16 = TileInstruction("amx-bf16", "llvm.x86.tdpbf16ps", "bfloat16")
