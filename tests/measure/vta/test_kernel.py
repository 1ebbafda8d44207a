"""Whole programs: scheduled by the rules, lowered, simulated, and compared with numpy."""

from __future__ import annotations

import numpy as np
import pytest

from heron_ms.measure.vta.instructions import Module
from tests.measure.vta.programs import PYNQ, sketch_of, workload, wrong

CASES: list[tuple[str, tuple[int, ...], dict[str, str]]] = [
    ("gemm", (64, 64, 64), {}),
    ("gemm", (48, 32, 80), {"weight": "nk"}),
    ("bmm", (2, 16, 32, 48), {}),
    ("c1d", (1, 64, 16, 32, 3, 1, 1, 1), {}),
    ("c2d", (1, 14, 14, 32, 32, 3, 3, 2, 1, 1), {}),
    ("dil", (1, 14, 14, 16, 32, 3, 3, 1, 2, 2), {}),
    ("c3d", (1, 4, 6, 6, 16, 32, 3, 3, 3, 1, 1, 1), {}),
    ("t2d", (1, 7, 7, 16, 32, 3, 3, 1, 1), {}),
    ("t2d", (1, 7, 7, 16, 32, 3, 3, 2, 1, 1), {}),
    ("grp", (1, 7, 7, 32, 32, 3, 3, 1, 1, 1, 2), {}),
]


@pytest.mark.parametrize("operator, case, options", CASES)
def test_random_programs_are_exact(
    operator: str, case: tuple[int, ...], options: dict[str, str], rng: np.random.Generator
) -> None:
    given = workload(operator, *case, **options)
    sketch = sketch_of(given)
    for assignment in sketch.problem.sample(3, rng):
        count, kernel = wrong(given, sketch.materialize(assignment), rng)
        assert count == 0
        [cycles] = kernel.cycles
        [program] = kernel.emitted
        gemm = given.operations // 2 // PYNQ.multiplications
        assert max(gemm, max(cycles.busy.values())) <= cycles.total <= sum(cycles.busy.values())
        assert cycles.busy[cycles.limit] == max(cycles.busy[module] for module in Module)
        assert len(program.instructions) > 5


@pytest.mark.parametrize(
    "operator, case, options",
    [
        ("gemm", (65, 50, 20), {}),
        ("gemm", (5, 7, 18), {"weight": "nk"}),
        ("bmm", (2, 5, 7, 18), {}),
        ("c2d", (1, 7, 6, 5, 18, 3, 2, 1, 1, 1), {}),
        ("c2d", (1, 6, 6, 16, 32, 3, 3, 1, 1, 1), {"layout": "nchw"}),
        ("gemv", (20, 60), {}),
    ],
)
def test_sizes_and_layouts_that_are_no_whole_elements(
    operator: str, case: tuple[int, ...], options: dict[str, str], rng: np.random.Generator
) -> None:
    given = workload(operator, *case, **options)
    sketch = sketch_of(given)
    for assignment in sketch.problem.sample(2, rng):
        count, _ = wrong(given, sketch.materialize(assignment), rng)
        assert count == 0
