"""Rows of shared tiles permuted instead of padded: exact, with no conflict of banks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heron_ms.constraints import ConstrainedSketch
from heron_ms.hardware.tensorcore import SHARED, SWIZZLE
from heron_ms.measure.tensorcore.build import build
from heron_ms.measure.tensorcore.lowering import lower
from heron_ms.testing.emulated import emulated
from heron_ms.testing.soundness import broken_claims, claims
from heron_ms.workloads import OPERATORS
from tests.tensorcore.programs import A100, needs_nvcc, sketches_of


def swizzled(workload: Any) -> list[ConstrainedSketch]:
    """The sketches of a program that permute rows."""
    return sketches_of(workload, lambda choice: choice.swizzled)


@pytest.mark.parametrize(
    ("sizes", "dtype"), [((64, 128, 64), "s8s8"), ((64, 128, 40), "f16"), ((64, 48, 64), "f16")]
)
def test_what_cannot_be_permuted_is_padded_alone(sizes: tuple[int, ...], dtype: str) -> None:
    assert not swizzled(OPERATORS["gemm"].of(sizes, dtype, weight="nk"))


@pytest.mark.parametrize(
    ("dtype", "weight"),
    [
        ("f16", "kn"),
        ("bf16", "nk"),
        pytest.param("f16", "nk", marks=pytest.mark.slow),
        pytest.param("bf16", "kn", marks=pytest.mark.slow),
    ],
)
def test_permuted_rows_are_exact_and_in_different_banks(
    dtype: str, weight: str, rng: np.random.Generator
) -> None:
    workload = OPERATORS["gemm"].of((64, 128, 96), dtype, weight=weight)
    for sketch in swizzled(workload):
        claimed = claims(sketch.sketch, A100)
        for assignment in sketch.problem.sample(2, rng):
            sch = sketch.materialize(assignment)
            assert not list(broken_claims(claimed, sch.mod, assignment))
            [kernel] = lower(sch.mod, A100).kernels
            assert kernel.shared == sketch.held(SHARED, assignment)
            for error, counts in emulated(workload, lower(sch.mod, A100), rng):
                assert (error, counts.conflicts) == (0, 1)


def test_rows_may_be_any_multiple_of_what_is_permuted_at_a_time(rng: np.random.Generator) -> None:
    workload = OPERATORS["gemm"].of((64, 192, 96), "f16", weight="nk")
    sketch, *_ = swizzled(workload)
    samples = sketch.problem.sample(200, rng)
    rows = {sample["C.k.1"] * 16 for sample in samples}
    assert rows == {32, 64, 96, 192}
    three = next(sample for sample in samples if sample["C.k.1"] * 16 == 96)
    program = lower(sketch.materialize(three).mod, A100)
    for error, counts in emulated(workload, program, rng):
        assert (error, counts.conflicts) == (0, 1)


def test_one_side_alone_is_wrong(rng: np.random.Generator) -> None:
    workload = OPERATORS["gemm"].of((64, 128, 64), "f16", weight="nk")
    sketch, *_ = swizzled(workload)
    [assignment] = sketch.problem.sample(1, rng)
    sch = sketch.materialize(assignment)
    sch.unannotate(sch.get_sblock("A_shared.dyn_warp_o"), SWIZZLE)
    assert all(error > 0 for error, _ in emulated(workload, lower(sch.mod, A100), rng))


@needs_nvcc
@pytest.mark.slow
def test_programs_with_permuted_rows_compile_without_a_stack(rng: np.random.Generator) -> None:
    sketch, *_ = swizzled(OPERATORS["gemm"].of((1024, 1024, 1024), "f16"))
    for assignment in sketch.problem.sample(8, rng):
        [used] = build(sketch.materialize(assignment).mod, A100).used
        assert (used.stack, used.spills) == (0, 0)
