"""TensorCore's mma.sync: tiles of 16 x 16 and 32 bytes of depth, and what stands around it.

Source: PTX ISA, "Matrix Fragments for mma.m16n8k16", "... for mma.m16n8k8" and "ldmatrix". Two
m16n8 make one m16n16. Operands lie in `fragments`, and a fragment of m16n8k16 is two of m16n8k8,
one behind the other: so Turing, which has no longer instruction, multiplies the same tiles in twice
as many.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

from heron_ms._tvm import IRBuilder, PrimFunc, T, prim_func
from heron_ms.hardware.memory import GLOBAL
from heron_ms.hardware.tensorcore import WARP
from heron_ms.intrinsics.build import Emit, Tile, describe, whole
from heron_ms.intrinsics.companions import Held, InMemory, copying, filling
from heron_ms.intrinsics.fragments import (
    BYTES,
    FRAGMENT,
    SHARED,
    TO_SHARED,
    fragment_of_a,
    fragment_of_b,
    fragment_of_c,
)
from heron_ms.intrinsics.intrinsic import Intrinsic
from heron_ms.intrinsics.registry import declare, register_companion
from heron_ms.intrinsics.swapped import SUFFIX, exchange_factors

SIZE = 16
_PTX = {"float16": "fp16", "float32": "fp32", "bfloat16": "bf16", "int8": "int8", "int32": "int32"}
_SHORT = {"float16": "f16", "float32": "f32", "bfloat16": "bf16", "int8": "s8", "int32": "s32"}


@dataclass(frozen=True)
class Mma:
    """A family: the multiplication of fragments of some types, with its loads, store and zero.

    steps: instructions that the depth of a tile takes.
    """

    a: str
    b: str
    c: str
    steps: int = 1

    @property
    def depth(self) -> int:
        """Of one multiplication: 32 bytes."""
        return 32 // BYTES[self.a]

    @property
    def operand(self) -> int:
        """Elements of A, or of B, in a lane."""
        return SIZE * self.depth // WARP

    @property
    def result(self) -> int:
        """Elements of C in a lane."""
        return SIZE * SIZE // WARP

    @property
    def name(self) -> str:
        """What TVM and machines know it by."""
        types = "".join(_SHORT[dtype] for dtype in (self.a, self.b, self.c))
        name = f"mma.m16n16k{self.depth}.{types}"
        return name if self.steps == 1 else f"{name}.by.{self._instruction}"

    @property
    def _instruction(self) -> str:
        """The shape of one instruction."""
        return f"m16n8k{self.depth // self.steps}"

    def intrinsic(self) -> Intrinsic:
        """Tells TVM all of it; the description is of plain tiles, as a program has them."""
        self._register_multiply()
        short = _SHORT[self.a]
        pack = {"nk": self._load("b.nk", short, turned=False)}
        if BYTES[self.b] == 2:  # ldmatrix turns only what has 16 bits
            pack["kn"] = self._load("b.kn", short, turned=True)
        companions = {
            "A": self._load("a", short, turned=False),
            "zero": self._zero(),
            "C": self._store(GLOBAL),
            TO_SHARED: self._store(SHARED),
        }
        plain = Tile(self.a, self.b, self.c, SIZE, self.depth, SIZE, (FRAGMENT,) * 3)
        return Intrinsic(
            name=self.name,
            features=frozenset({"sm_80" if self.steps == 1 else "sm_75"}),
            a_dtype=self.a,
            b_dtype=self.b,
            c_dtype=self.c,
            rows=SIZE,
            lanes=SIZE,
            depth=self.depth,
            description=describe(plain),
            implementation=None,
            pack=pack,
            companions=companions,
        )

    def _register_multiply(self) -> None:
        description = self._on_fragments(self._described)
        implementation = self._on_fragments(self._multiplied)
        register_companion(self.name, description, implementation)
        register_companion(self.name + SUFFIX, exchange_factors(description), implementation)

    def _fragments(self) -> tuple[Any, Any, Any]:
        shapes = (self.operand, self.a), (self.operand, self.b), (self.result, self.c)
        a, b, c = (
            T.arg(name, _fragment(size, dtype).buffer)
            for name, (size, dtype) in zip("ABC", shapes, strict=True)
        )
        return a, b, c

    def _on_fragments(self, body: Emit) -> PrimFunc:
        with IRBuilder() as builder, prim_func(s_tir=True):
            T.func_name("multiply")
            a, b, c = self._fragments()
            with T.sblock("root"):
                T.reads(*(whole(fragment) for fragment in (c, a, b)))
                T.writes(whole(c))
                body(a, b, c)
        return builder.get()

    def _described(self, a: Any, b: Any, c: Any) -> None:
        with T.grid(SIZE, SIZE, self.depth) as (i, j, k), T.sblock("update"):
            i, j = T.axis.spatial(SIZE, i), T.axis.spatial(SIZE, j)
            k = T.axis.reduce(self.depth, k)
            at = fragment_of_c(i, j)
            left = _wide(a[fragment_of_a(self.a)(i, k)], self.a, self.c)
            right = _wide(b[fragment_of_b(self.b)(j, k)], self.b, self.c)
            T.buffer_store(c, c[at] + left * right, list(at))

    def _multiplied(self, a: Any, b: Any, c: Any) -> None:
        types = [_PTX[dtype] for dtype in (self.a, self.b, self.c)]
        with T.thread_binding(0, WARP, "threadIdx.x") as lane:
            for half, step in product((0, 1), range(self.steps)):
                of_a = step * self.operand // self.steps
                of_b = half * self.operand // 2 + of_a // 2
                left = a.data, a.elem_offset + lane * self.operand + of_a
                right = b.data, b.elem_offset + lane * self.operand + of_b
                sums = c.data, c.elem_offset + lane * self.result + half * self.result // 2
                places = *left, *right, *sums
                call = T.ptx_legacy.mma(
                    self._instruction, "row", "col", *types, *places, False, dtype=self.c
                )
                T.evaluate(call)

    def _load(self, what: str, short: str, *, turned: bool) -> str:
        """ldmatrix of a tile from shared memory; ``turned``: of B as it lies (depth, lanes)."""
        dtype = self.a if what == "a" else self.b
        place = (fragment_of_a if what == "a" else fragment_of_b)(dtype)
        shape = (self.depth, SIZE) if turned else (SIZE, self.depth)

        def described(source: Any, target: Any) -> None:
            with T.grid(*shape) as (i, j), T.sblock("load"):
                i, j = T.axis.spatial(shape[0], i), T.axis.spatial(shape[1], j)
                T.buffer_store(target, source[i, j], list(place(j, i) if turned else place(i, j)))

        def loaded(source: Any, target: Any) -> None:
            with T.thread_binding(0, WARP, "threadIdx.x") as lane:
                call = T.ptx_legacy.ldmatrix(
                    turned,
                    4,
                    ".b16",
                    target.data,
                    target.elem_offset + self.operand * lane,
                    source.access_ptr("r"),
                    self._row(lane, source.strides[0], by_lanes=what == "b.nk"),
                    dtype=dtype,
                )
                T.evaluate(call)

        tile, held = InMemory(shape, dtype, SHARED), _fragment(self.operand, dtype)
        return register_companion(
            f"mma.load.{what}.{short}",
            *(copying(tile, held, body) for body in (described, loaded)),
        )

    def _row(self, lane: Any, stride: Any, *, by_lanes: bool) -> Any:
        """Where the 16 bytes begin whose address a lane gives to ldmatrix."""
        half = self.depth // 2
        if by_lanes:
            return stride * (8 * (lane // 16) + lane % 8) + half * (lane % 16 // 8)
        return stride * (lane % 16) + half * (lane // 16)

    def _store(self, scope: str) -> str:
        def described(source: Any, target: Any) -> None:
            with T.grid(SIZE, SIZE) as (i, j), T.sblock("store"):
                i, j = T.axis.spatial(SIZE, i), T.axis.spatial(SIZE, j)
                T.buffer_store(target, source[fragment_of_c(i, j)], [i, j])

        def stored(source: Any, target: Any) -> None:
            with T.thread_binding(0, WARP, "threadIdx.x") as lane:
                for at in range(self.result):
                    row, column = lane // 4 + 8 * (at // 2 % 2), lane % 4 * 2 + at % 2 + at // 4 * 8
                    T.buffer_store(target, source[lane, at], [row, column])

        tile, held = InMemory((SIZE, SIZE), self.c, scope), _fragment(self.result, self.c)
        return register_companion(
            f"mma.store.{_SHORT[self.c]}{'' if scope == GLOBAL else '.shared'}",
            *(copying(held, tile, body) for body in (described, stored)),
        )

    def _zero(self) -> str:
        def described(target: Any) -> None:
            with T.grid(SIZE, SIZE) as (i, j), T.sblock("init"):
                i, j = T.axis.spatial(SIZE, i), T.axis.spatial(SIZE, j)
                zero = T.int32(0) if self.c == "int32" else T.cast(T.int32(0), self.c)
                T.buffer_store(target, zero, list(fragment_of_c(i, j)))

        def zeroed(target: Any) -> None:
            with T.thread_binding(0, WARP, "threadIdx.x"):
                call = T.cuda.mma_fill_legacy(
                    self.result, target.data, target.elem_offset, dtype=self.c
                )
                T.evaluate(call)

        held = _fragment(self.result, self.c)
        return register_companion(
            f"mma.zero.{_SHORT[self.c]}", *(filling(held, body) for body in (described, zeroed))
        )


def _fragment(size: int, dtype: str) -> Held:
    """A tile in the lanes of a warp, of which each holds so many elements."""
    return Held((WARP, size), dtype, FRAGMENT)


def _wide(element: Any, dtype: str, wanted: str) -> Any:
    return element if dtype == wanted else T.cast(element, wanted)


FAMILIES = (
    Mma("float16", "float16", "float32"),
    Mma("float16", "float16", "float16"),
    Mma("float16", "float16", "float32", steps=2),
    Mma("float16", "float16", "float16", steps=2),
    Mma("bfloat16", "bfloat16", "float32"),
    Mma("int8", "int8", "int32"),
)

MMA = tuple(declare(family.name, family.intrinsic) for family in FAMILIES)
"""Their names."""
