"""BMM: a batch of matrix multiplications, both operands of which change with the batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from heron_ms.workloads.matrix import MatrixProduct


@dataclass(frozen=True)
class Bmm(MatrixProduct):
    """C[B, M, N] = A[B, M, K] x B[B, K, N] (Heron, section on workloads).

    Raises what `Workload` raises.
    """

    operator: ClassVar[str] = "bmm"
    summary: ClassVar[str] = "C[B, M, N] = A[B, M, K] x B[B, K, N]"
    weights: ClassVar[tuple[str, ...]] = ("kn", "nk", "packed")

    b: int
    m: int
    k: int
    n: int

    @property
    def batch(self) -> tuple[int, ...]:
        """(B,)."""
        return (self.b,)
