"""Inputs of which the sums are exact."""

from __future__ import annotations

import numpy as np
import pytest

from heron_ms.testing.whole import whole_inputs
from heron_ms.workloads import OPERATORS


@pytest.mark.parametrize("dtype", ["f16", "f16f16f16", "bf16", "s8s8"])
@pytest.mark.parametrize("k", [3, 64, 1500])
def test_sums_are_exact_in_any_order(dtype: str, k: int, rng: np.random.Generator) -> None:
    workload = OPERATORS["gemm"].of((5, k, 4), dtype)
    a, b = whole_inputs(workload, rng)
    right = workload.reference(a, b)
    assert right.any()
    terms = a.astype(float)[:, :, None] * b.astype(float)[None]
    sums = np.cumsum(rng.permuted(terms, axis=1).astype(workload.dtypes.c), axis=1)
    np.testing.assert_array_equal(sums[:, -1].astype(float), right.astype(float))


def test_more_than_a_half_can_count_is_refused(rng: np.random.Generator) -> None:
    workload = OPERATORS["gemm"].of((1, 2049, 1), "f16f16f16")
    with pytest.raises(ValueError, match="no exact sums of 2049 products"):
        whole_inputs(workload, rng)
