"""SCAN: sums of all prefixes of each row, as a product with a triangular constant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from heron_ms.workloads.matrix import MatrixProduct
from heron_ms.workloads.workload import to_dtype


@dataclass(frozen=True)
class Scan(MatrixProduct):
    """C[M, N] = A[M, K] x T[K, N] with T[k, n] = 1 for k <= n, else 0 (Heron, workloads).

    The caller passes T as B; `random_inputs` makes it. Sizes in the paper's order, M, N, K. Raises
    what `Workload` raises.
    """

    operator: ClassVar[str] = "scan"
    summary: ClassVar[str] = "C[M, N] = A[M, K] x T[K, N], T[k, n] = 1 for k <= n, else 0"

    m: int
    n: int
    k: int

    def random_inputs(self, rng: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
        """A random A (M, K), and T (K, N)."""
        a, _ = super().random_inputs(rng)
        return a, to_dtype(np.triu(np.ones(self.b_shape)), self.dtypes.b)
