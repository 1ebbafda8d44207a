"""Matrix products of any shape: what GEMM, BMM, GEMV and SCAN share."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import PrimFunc, te
from heron_ms.workloads import stages
from heron_ms.workloads.weights import WeightLayout
from heron_ms.workloads.workload import Workload


class MatrixProduct(Workload):
    """C[*batch, *rows, N] = A[*batch, *rows, K] x B[*batch, K, N].

    The axes of C are b, i and j, as far as they are there, and the reduction is k.
    ``m``, ``n`` and ``k`` are fields of the operators; one without says what its rows and columns
    are.
    """

    m: int
    n: int
    k: int

    @property
    def batch(self) -> tuple[int, ...]:
        """Extents that all three operands have."""
        return ()

    @property
    def rows(self) -> tuple[int, ...]:
        """Extents that only A and C have: (M,), or none for a vector."""
        return (self.m,)

    @property
    def columns(self) -> int:
        """N: what only B and C have."""
        return self.n

    @property
    def reduction(self) -> int:
        """K."""
        return self.k

    @property
    def a_shape(self) -> tuple[int, ...]:
        """(*batch, *rows, K)."""
        return (*self.batch, *self.rows, self.reduction)

    @property
    def b_shape(self) -> tuple[int, ...]:
        """(*batch, K, N)."""
        return (*self.batch, self.reduction, self.columns)

    @property
    def c_shape(self) -> tuple[int, ...]:
        """(*batch, *rows, N)."""
        return (*self.batch, *self.rows, self.columns)

    def prim_func(self) -> PrimFunc:
        """The program, as a TensorIR function of A, B and C."""
        a = te.placeholder(self.a_shape, self.dtypes.a, name="A")
        b = te.placeholder(self._weight.shape, self.dtypes.b, name="B")
        shape = self._padded_shape
        read = stages.padded(a, [0] * len(shape), shape, [*self._outer, "k"])
        c = self._result(self._einsum(read, b, te.reduce_axis((0, shape[-1]), "k")))
        return self._function(a, b, stages.cropped(c, self.c_shape, [*self._outer, "j"]))

    def arrange(self, b: NDArray[Any]) -> NDArray[Any]:
        """B from its logical layout to the one that the program takes."""
        return self._weight.arrange(b)

    @property
    def _padded_shape(self) -> tuple[int, ...]:
        return (*self.a_shape[:-1], self._weight.padded_k)

    @property
    def _weight(self) -> WeightLayout:
        lead = len(self.batch)
        return self._layout_of(
            self.batch, self.reduction, self.columns, (*range(lead), lead + 1, lead)
        )

    @property
    def _outer(self) -> list[str]:
        return [*"b"[: len(self.batch)], *"i"[: len(self.rows)]]

    def _einsum(self, a: Any, b: Any, k: Any) -> Any:
        def dot(*at: Any) -> Any:
            *outer, j = at
            weight = b[tuple(self._weight.at(outer[: len(self.batch)], k, j))]
            return te.sum(stages.product(a[tuple([*outer, k])], weight, self.dtypes), axis=k)

        shape = (*self.c_shape[:-1], self._weight.padded_n)
        return te.compute(shape, dot, name="C", varargs_names=[*self._outer, "j"])

    def _compute(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.matmul(a, b))
