"""GEMV: a matrix times a vector, the matrix being the constant weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from heron_ms.workloads.matrix import MatrixProduct


@dataclass(frozen=True)
class Gemv(MatrixProduct):
    """y[M] = sum over k of x[K] x W[M, K] (Heron, section on workloads): A is x and B is W.

    The logical layout of W is (M, K), which the program takes as ``weight="nk"``; "kn" is (K, M),
    because M is to the program what the columns are in a GEMM. Raises what `Workload` raises.
    """

    operator: ClassVar[str] = "gemv"
    summary: ClassVar[str] = "y[M] = W[M, K] x x[K]"

    m: int
    k: int

    @property
    def rows(self) -> tuple[int, ...]:
        """None: x is a vector."""
        return ()

    @property
    def columns(self) -> int:
        """M."""
        return self.m

    @property
    def b_shape(self) -> tuple[int, ...]:
        """(M, K)."""
        return (self.m, self.k)

    def arrange(self, b: NDArray[Any]) -> NDArray[Any]:
        """W (M, K) in the layout that the program takes."""
        return super().arrange(b.T)

    def _compute(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(b @ a)
