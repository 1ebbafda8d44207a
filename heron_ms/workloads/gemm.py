"""Integer matrix multiplication, dimensions in the paper's order M, K, N."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import PrimFunc, te, tirx
from heron_ms.errors import InvalidDimensionError, UnsupportedDtypeError

WEIGHTS = ("kn", "nk", "packed")
"""Layouts of the weight: (K, N), (N, K), or (ceil(N/16), ceil(K/4), 16, 4) padded with zeros."""

LANES, DEPTH = 16, 4

LARGEST = 2**20
"""The largest dimension; the tile factors of a larger one take too long to enumerate."""


@dataclass(frozen=True)
class Gemm:
    """C[M, N] (int32) = A[M, K] (uint8 or int8) x B[K, N] (int8), Heron's GEMM (Heron's workloads).

    Raises `InvalidDimensionError` for a dimension that is no positive integer, and
    `UnsupportedDtypeError` for operand dtypes other than (uint8, int8) and (int8, int8).
    """

    m: int
    k: int
    n: int
    weight: str = "kn"
    a_dtype: str = "uint8"
    b_dtype: str = "int8"

    def __post_init__(self) -> None:
        for name, size in (("M", self.m), ("K", self.k), ("N", self.n)):
            if isinstance(size, bool) or not isinstance(size, int) or size <= 0:
                raise InvalidDimensionError(f"{name} must be a positive integer, got {size!r}")
            if size > LARGEST:
                raise InvalidDimensionError(f"{name} must be at most {LARGEST}, got {size}")
        if self.weight not in WEIGHTS:
            raise ValueError(f"weight must be one of {', '.join(WEIGHTS)}, got {self.weight!r}")
        if (self.a_dtype, self.b_dtype) not in (("uint8", "int8"), ("int8", "int8")):
            raise UnsupportedDtypeError(
                f"no intrinsic multiplies {self.a_dtype} by {self.b_dtype}: "
                "use uint8 x int8 or int8 x int8"
            )

    @property
    def operations(self) -> int:
        """Nominal operations: two for each multiplication, padding not counted."""
        return 2 * self.m * self.k * self.n

    def prim_func(self) -> PrimFunc:
        """The program, as a TensorIR function of A, B and C."""
        a = te.placeholder((self.m, self.k), self.a_dtype, name="A")
        b = te.placeholder(self._weight_shape(), self.b_dtype, name="B")
        build = self._packed if self.weight == "packed" else self._plain
        return te.create_prim_func([a, b, build(a, b)])

    def random_inputs(self, rng: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
        """A (M, K) and B (K, N), uniform over the whole range of their dtypes."""
        return (
            _uniform(rng, self.a_dtype, (self.m, self.k)),
            _uniform(rng, self.b_dtype, (self.k, self.n)),
        )

    def arrange(self, b: NDArray[Any]) -> NDArray[Any]:
        """B (K, N) in the layout that the program takes."""
        if self.weight == "kn":
            return b
        if self.weight == "nk":
            return np.ascontiguousarray(b.T)
        k, n = _up(self.k, DEPTH), _up(self.n, LANES)
        padded = np.zeros((k, n), b.dtype)
        padded[: self.k, : self.n] = b
        tiles = padded.reshape(k // DEPTH, DEPTH, n // LANES, LANES)
        return np.ascontiguousarray(tiles.transpose(2, 0, 3, 1))

    def reference(self, a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.int32]:
        """The product in exact 32-bit arithmetic."""
        # Products of bytes summed over any K that fits in memory stay exact in float64, which
        # BLAS multiplies a hundred times faster than numpy multiplies integers.
        exact = a.astype(np.float64) @ b.astype(np.float64)
        return exact.astype(np.int64).astype(np.int32)

    def _weight_shape(self) -> tuple[int, ...]:
        if self.weight == "packed":
            return (_up(self.n, LANES) // LANES, _up(self.k, DEPTH) // DEPTH, LANES, DEPTH)
        return (self.k, self.n) if self.weight == "kn" else (self.n, self.k)

    def _plain(self, a: Any, b: Any) -> Any:
        r = te.reduce_axis((0, self.k), "k")

        def dot(i: Any, j: Any) -> Any:
            weight = b[r, j] if self.weight == "kn" else b[j, r]
            return te.sum(a[i, r].astype("int32") * weight.astype("int32"), axis=r)

        return te.compute((self.m, self.n), dot, name="C")

    def _packed(self, a: Any, b: Any) -> Any:
        k, n = _up(self.k, DEPTH), _up(self.n, LANES)
        r = te.reduce_axis((0, k), "k")
        if k != self.k:
            zero = tirx.const(0, self.a_dtype)
            plain = a
            a = te.compute(
                (self.m, k),
                lambda i, c: tirx.if_then_else(c < self.k, plain[i, c], zero),
                name="A_padded",
            )

        def dot(i: Any, j: Any) -> Any:
            weight = b[j // LANES, r // DEPTH, j % LANES, r % DEPTH]
            return te.sum(a[i, r].astype("int32") * weight.astype("int32"), axis=r)

        c = te.compute((self.m, n), dot, name="C")
        if n == self.n:
            return c
        return te.compute((self.m, self.n), lambda i, j: c[i, j], name="C_cropped")


def _up(size: int, multiple: int) -> int:
    return -(-size // multiple) * multiple


def _uniform(rng: np.random.Generator, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    info = np.iinfo(np.dtype(dtype))
    return rng.integers(info.min, info.max, shape, dtype=np.dtype(dtype), endpoint=True)
