"""Instructions that multiply and add vectors, and a loop of nothing but one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import IRBuilder, PrimFunc, T, prim_func


@dataclass(frozen=True)
class Instruction:
    """sums[lanes] += left[macs] . right[macs], ``macs / lanes`` products a lane.

    feature: what the CPU must have; llvm: LLVM's name of it. sums_first: whether the sums are its
    first argument or its last.
    """

    feature: str
    llvm: str
    operand_dtype: str
    sum_dtype: str
    lanes: int
    macs: int
    sums_first: bool

    @property
    def operations(self) -> int:
        """Operations of one execution: two for each multiply-accumulate."""
        return 2 * self.macs

    def operands(self, rng: np.random.Generator) -> list[NDArray[Any]]:
        """Random left and right operands: integers, or standard normal."""
        if self.operand_dtype.startswith("int"):
            kept = np.iinfo(self.operand_dtype)
            shape = (2, self.macs)
            return list(rng.integers(kept.min, kept.max, shape, self.operand_dtype, endpoint=True))
        return [rng.standard_normal(self.macs).astype(self.operand_dtype) for _ in range(2)]

    def sums(self, threads: int, count: int) -> NDArray[Any]:
        """Zeros for some vectors of sums in every thread."""
        return np.zeros((threads, count * self.lanes), self.sum_dtype)

    def loop(self, threads: int, count: int, rounds: int) -> PrimFunc:
        """A function of left, right and sums (threads, count * lanes) that adds, again and again.

        The sums start from memory, or equal ones would be merged into one.
        """
        with IRBuilder() as builder, prim_func(s_tir=True):
            T.func_name("main")
            operands = [
                T.arg(name, T.Buffer((self.macs,), self.operand_dtype))
                for name in ("left", "right")
            ]
            shape = (threads, count * self.lanes)
            sums = T.arg("sums", T.Buffer(shape, self.sum_dtype))
            with T.parallel(threads) as thread, T.sblock("thread"):
                self._body(T.axis.spatial(threads, thread), operands, sums, count, rounds)
        return builder.get()

    def _body(self, thread: Any, operands: list[Any], sums: Any, count: int, rounds: int) -> None:
        local = T.sblock_alloc_buffer((count * self.lanes,), self.sum_dtype)
        vectors = [T.ramp(part * self.lanes, 1, self.lanes) for part in range(count)]
        for vector in vectors:
            T.buffer_store(local, sums[thread, vector], [vector])
        with T.serial(rounds):
            for vector in vectors:
                T.buffer_store(local, self._call(operands, local[vector]), [vector])
        for vector in vectors:
            T.buffer_store(sums, local[vector], [thread, vector])

    def _call(self, operands: list[Any], old: Any) -> Any:
        factors = self._factors(operands)
        return self._executed(*([old, *factors] if self.sums_first else [*factors, old]))

    def _factors(self, operands: list[Any]) -> list[Any]:
        return [operand.vload([0], f"{self.operand_dtype}x{self.macs}") for operand in operands]

    def _executed(self, *arguments: Any) -> Any:
        return T.call_llvm_pure_intrin(f"{self.sum_dtype}x{self.lanes}", self.llvm, *arguments)


@dataclass(frozen=True)
class PairInstruction(Instruction):
    """sums[lanes] = pairs of the sums, taken for 16-bit numbers, . right[macs]: vpmaddwd.

    It adds nothing to what there is, so each execution multiplies what the one before has left. Of
    products of bytes that are exact it executes two for each vector of bytes (intrinsics/madd.py).
    """

    def sums(self, threads: int, count: int) -> NDArray[Any]:
        """Random numbers: products of zeros would take less power."""
        shape = (threads, count * self.lanes)
        return np.random.default_rng(0).integers(-(2**31), 2**31, shape).astype(self.sum_dtype)

    def _call(self, operands: list[Any], old: Any) -> Any:
        _, right = self._factors(operands)
        return self._executed(T.reinterpret(f"{self.operand_dtype}x{self.macs}", old), right)


def _fma(feature: str, lanes: int) -> Instruction:
    name = f"llvm.fma.v{lanes}f32"
    return Instruction(feature, name, "float32", "float32", lanes, lanes, sums_first=False)


VNNI = Instruction(
    "avx512vnni", "llvm.x86.avx512.vpdpbusd.512", "int8", "int32", 16, 64, sums_first=True
)
PAIRS = (
    PairInstruction("avx512bw", "llvm.x86.avx512.pmaddw.d.512", "int16", "int32", 16, 32, False),
    PairInstruction("avx2", "llvm.x86.avx2.pmadd.wd", "int16", "int32", 8, 16, False),
)
"""Of two 16-bit numbers a lane: what multiplies bytes on x86 without VNNI. The widest first."""
FMAS = (_fma("avx512f", 16), _fma("fma", 8), _fma("neon", 4))
"""The widest first."""
