"""The smallest program that uses an intrinsic: a GEMM of a few tiles, with data and its product.

`heron-ms doctor` compiles and runs it once; tests and whoever adds an intrinsic do the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import IRModule, Schedule, te
from heron_ms.hardware.memory import GLOBAL
from heron_ms.intrinsics.intrinsic import Intrinsic
from heron_ms.small_bytes import LARGEST


@dataclass(frozen=True)
class Probe:
    """C[M, N] = A[M, K] x B, where B is packed into the tiles of the intrinsic.

    ``tiles``: how many of the intrinsic's tiles M, N and K are.
    """

    intrinsic: Intrinsic
    tiles: tuple[int, int, int] = (3, 2, 2)

    @property
    def shape(self) -> tuple[int, int, int]:
        """M, N and K."""
        intrinsic = self.intrinsic
        rows, columns, chunks = self.tiles
        return rows * intrinsic.rows, columns * intrinsic.lanes, chunks * intrinsic.depth

    def program(self) -> IRModule:
        """The GEMM before any scheduling."""
        (m, n, k), intrinsic = self.shape, self.intrinsic
        a = te.placeholder((m, k), intrinsic.a_dtype, name="A")
        b = te.placeholder(self._packed_shape(), intrinsic.b_dtype, name="B")
        r = te.reduce_axis((0, k), "k")

        def dot(i: Any, j: Any) -> Any:
            inside = self._inside(j % intrinsic.lanes, r % intrinsic.depth)
            at = [j // intrinsic.lanes, r // intrinsic.depth, *inside]
            weight = b[tuple(at)]
            return te.sum(
                _cast(a[i, r], a, intrinsic.c_dtype) * _cast(weight, b, intrinsic.c_dtype), axis=r
            )

        return IRModule({"main": te.create_prim_func([a, b, te.compute((m, n), dot, name="C")])})

    def tensorized(self, name: str | None = None) -> IRModule:
        """The GEMM with every tile replaced by the intrinsic, or by another one of that shape.

        With a name, C is where the semantics leave it: what stands around the intrinsic is not
        there, so that the program runs anywhere.
        """
        sch, intrinsic = Schedule(self.program()), self.intrinsic
        block = sch.get_sblock("C")
        scope = intrinsic.scopes["C"]
        held = None if scope == GLOBAL else sch.cache_write(block, 0, scope)
        outer: list[Any] = []
        inner: list[Any] = []
        for loop, size in zip(
            sch.get_loops(block), (intrinsic.rows, intrinsic.lanes, intrinsic.depth), strict=True
        ):
            # TVM matches no loop of extent one.
            parts = sch.split(loop, [None, size]) if size > 1 else [loop]
            outer.append(parts[0])
            inner.extend(parts[1:])
        sch.reorder(*outer, *inner)
        tile = sch.blockize(inner[0])
        if held is not None:
            sch.reverse_compute_at(held, outer[1])
        init = sch.decompose_reduction(tile, outer[-1])
        sch.tensorize(tile, name or intrinsic.name)
        if held is not None and name is None:
            sch.tensorize(init, intrinsic.companions["zero"])
            sch.tensorize(sch.get_loops(held)[-2], intrinsic.companions["C"])
        return sch.mod

    def random_inputs(self, rng: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
        """A (M, K) and B (K, N): integers over the whole range, floats standard normal.

        Where B has to hold small bytes, those.
        """
        (m, n, k), intrinsic = self.shape, self.intrinsic
        a = random_array(rng, intrinsic.a_dtype, (m, k))
        if intrinsic.b_is_small:
            return a, rng.integers(-LARGEST, LARGEST, (k, n), dtype=np.int8, endpoint=True)
        return a, random_array(rng, intrinsic.b_dtype, (k, n))

    def arrange(self, b: NDArray[Any]) -> NDArray[Any]:
        """B (K, N) in the layout that the program takes."""
        intrinsic = self.intrinsic
        tiles = b.reshape(self.tiles[2], intrinsic.depth, self.tiles[1], intrinsic.lanes)
        packed = np.ascontiguousarray(tiles.transpose(2, 0, 3, 1))
        if intrinsic.group < intrinsic.depth:
            groups = (*packed.shape[:3], intrinsic.depth // intrinsic.group, intrinsic.group)
            packed = np.ascontiguousarray(packed.reshape(groups).transpose(0, 1, 3, 2, 4))
        return packed.reshape(self._packed_shape())

    def reference(self, a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.float64]:
        """The product in float64, which is exact for bytes."""
        return a.astype(np.float64) @ b.astype(np.float64)

    def tolerance(self, a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.float64]:
        """How far each element may be off: 0 for integers, else K rounding errors of float32."""
        bound = np.abs(a.astype(np.float64)) @ np.abs(b.astype(np.float64))
        floats = self.intrinsic.c_dtype.startswith("float")
        return bound * (self.shape[2] * np.finfo(np.float32).eps if floats else 0)

    def _packed_shape(self) -> tuple[int, ...]:
        return (*self.tiles[1:], *self.intrinsic.b_shape)

    def _inside(self, lane: Any, depth: Any) -> list[Any]:
        """The place in a tile of B."""
        group = self.intrinsic.group
        if group < self.intrinsic.depth:
            return [depth // group, lane, depth % group]
        return [lane, depth] if self.intrinsic.depth > 1 else [lane]


def _cast(value: Any, operand: Any, dtype: str) -> Any:
    return value if operand.dtype == dtype else value.astype(dtype)


def random_array(rng: np.random.Generator, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """Integers over the whole range of the dtype; floats standard normal."""
    if "int" in dtype:
        info = np.iinfo(dtype)
        return rng.integers(info.min, info.max, shape, dtype=np.dtype(dtype), endpoint=True)
    import ml_dtypes

    named = ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype
    return rng.standard_normal(shape).astype(named)
