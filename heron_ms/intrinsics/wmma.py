"""TensorCore's WMMA: tiles of 16 x 16 x 16 halves in fragments that the hardware keeps to itself.

Source: PTX ISA, wmma.load, wmma.mma, wmma.store, from sm_70 on. Which lane holds which element is
not said, so that nothing but these instructions reaches a fragment. Volta has no other instruction
whose layout later GPUs keep; from Turing on there is `heron_ms.intrinsics.mma`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import T
from heron_ms.hardware.memory import GLOBAL
from heron_ms.hardware.tensorcore import ACCUMULATOR, MATRIX_A, MATRIX_B, WARP
from heron_ms.intrinsics.build import Tile, describe, implement
from heron_ms.intrinsics.companions import Held, InMemory, copying, filling
from heron_ms.intrinsics.fragments import SHARED, TO_SHARED
from heron_ms.intrinsics.intrinsic import Intrinsic
from heron_ms.intrinsics.registry import declare, register_companion
from heron_ms.intrinsics.swapped import SUFFIX, exchange_factors

SIZE = 16
_TILE = SIZE, SIZE
_SHAPE = SIZE, SIZE, SIZE
_HALF = "float16"
_SHORT = {"float16": "f16", "float32": "f32"}
_ROWS, _COLUMNS = "row_major", "col_major"


@dataclass(frozen=True)
class Wmma:
    """Tiles of halves multiplied into sums of a dtype, with their loads, store and zero."""

    c: str

    @property
    def name(self) -> str:
        """What TVM and machines know it by."""
        return f"wmma.m16n16k16.f16f16{_SHORT[self.c]}"

    def intrinsic(self) -> Intrinsic:
        """Tells TVM all of it."""
        tile = Tile(_HALF, _HALF, self.c, *_SHAPE, (MATRIX_A, MATRIX_B, ACCUMULATOR))
        description, implementation = describe(tile), implement(tile, _multiplied)
        register_companion(self.name, description, implementation)
        register_companion(self.name + SUFFIX, exchange_factors(description), implementation)
        turned = _load("b.kn", MATRIX_B, _ROWS, turned=True)
        companions = {
            "A": _load("a", MATRIX_A, _ROWS),
            "zero": self._zero(),
            "C": self._store(GLOBAL),
            TO_SHARED: self._store(SHARED),
        }
        return Intrinsic(
            name=self.name,
            features=frozenset({"sm_70"}),
            a_dtype=_HALF,
            b_dtype=_HALF,
            c_dtype=self.c,
            rows=SIZE,
            lanes=SIZE,
            depth=SIZE,
            description=description,
            implementation=None,
            pack={"nk": _load("b.nk", MATRIX_B, _COLUMNS), "kn": turned},
            companions=companions,
        )

    def _zero(self) -> str:
        def described(target: Any) -> None:
            def zero(i: Any, j: Any) -> None:
                T.buffer_store(target, T.cast(T.int32(0), self.c), [i, j])

            _each(zero)

        def zeroed(target: Any) -> None:
            with T.thread_binding(0, WARP, "threadIdx.x"):
                call = T.tvm_fill_fragment(target.data, *_SHAPE, _number(target), T.float32(0))
                T.evaluate(call)

        held = Held(_TILE, self.c, ACCUMULATOR)
        return register_companion(
            f"wmma.zero.{_SHORT[self.c]}", *(filling(held, body) for body in (described, zeroed))
        )

    def _store(self, scope: str) -> str:
        def described(source: Any, target: Any) -> None:
            _each(lambda i, j: T.buffer_store(target, source[i, j], [i, j]))

        def stored(source: Any, target: Any) -> None:
            with T.thread_binding(0, WARP, "threadIdx.x"):
                to = target.access_ptr("w"), target.strides[0], _ROWS
                T.evaluate(T.tvm_store_matrix_sync(source.data, *_SHAPE, _number(source), *to))

        memory, held = InMemory(_TILE, self.c, scope), Held(_TILE, self.c, ACCUMULATOR)
        return register_companion(
            f"wmma.store.{_SHORT[self.c]}{'' if scope == GLOBAL else '.shared'}",
            *(copying(held, memory, body) for body in (described, stored)),
        )


def _multiplied(a: Any, b: Any, c: Any) -> None:
    with T.thread_binding(0, WARP, "threadIdx.x"):
        places = ((fragment.data, _number(fragment)) for fragment in (c, a, b, c))
        T.evaluate(T.tvm_mma_sync(*(part for place in places for part in place)))


def _load(what: str, scope: str, layout: str, *, turned: bool = False) -> str:
    """A tile from shared memory; ``turned``: of B as it lies (depth, lanes)."""

    def described(source: Any, target: Any) -> None:
        _each(
            lambda i, j: T.buffer_store(target, source[i, j], [j, i] if turned else [i, j]),
        )

    def loaded(source: Any, target: Any) -> None:
        with T.thread_binding(0, WARP, "threadIdx.x"):
            given = source.access_ptr("r"), source.strides[0], layout
            T.evaluate(T.tvm_load_matrix_sync(target.data, *_SHAPE, _number(target), *given))

    memory, held = InMemory(_TILE, _HALF, SHARED), Held(_TILE, _HALF, scope)
    return register_companion(
        f"wmma.load.{what}", *(copying(memory, held, body) for body in (described, loaded))
    )


def _each(element: Callable[[Any, Any], None]) -> None:
    """A block that does something with each element of a tile."""
    with T.grid(*_TILE) as (i, j), T.sblock("element"):
        element(T.axis.spatial(SIZE, i), T.axis.spatial(SIZE, j))


def _number(fragment: Any) -> Any:
    """Which of the fragments of a buffer, each of which lies compact, this is."""
    return fragment.elem_offset // (SIZE * SIZE)


FAMILIES = Wmma("float32"), Wmma("float16")

WMMA = tuple(declare(family.name, family.intrinsic) for family in FAMILIES)
"""Their names."""
