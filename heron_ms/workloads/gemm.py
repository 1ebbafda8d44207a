"""GEMM: matrix multiplication, sizes in the paper's order M, K, N."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from heron_ms.workloads.matrix import MatrixProduct
from heron_ms.workloads.weights import WEIGHTS

__all__ = ["WEIGHTS", "Gemm"]


@dataclass(frozen=True)
class Gemm(MatrixProduct):
    """C[M, N] = A[M, K] x B[K, N] (Heron, section on workloads). Raises what `Workload` raises."""

    operator: ClassVar[str] = "gemm"
    summary: ClassVar[str] = "C[M, N] = A[M, K] x B[K, N]"

    m: int
    k: int
    n: int
