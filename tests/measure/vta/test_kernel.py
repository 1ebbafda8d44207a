"""Whole programs: scheduled by the rules, lowered, simulated, and compared with numpy."""

from __future__ import annotations

import numpy as np
import pytest

from heron_ms.measure.vta.instructions import Module
from heron_ms.measure.vta.simulator import Simulator
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


def test_counts_equal_the_closed_forms(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reuse: A is loaded once for each column of tiles, B once for each row of them."""
    m, k, n = 64, 128, 96
    given = workload("gemm", m, k, n)
    sketch = sketch_of(given)
    runs: list[Simulator] = []
    run = Simulator.run

    def recorded(simulator: Simulator, *arguments: object) -> None:
        runs.append(simulator)
        run(simulator, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Simulator, "run", recorded)
    for assignment in sketch.problem.sample(8, rng):
        count, _ = wrong(given, sketch.materialize(assignment), rng)
        counts = runs.pop().counts
        rows, columns = assignment["C.i.0"], assignment["C.j.0"]
        assert count == 0
        assert counts["gemm"] == m * n * k // 256
        assert counts["alu"] == 3 * m * n // 16
        assert counts["inp bytes"] == m * k * columns
        assert counts["wgt bytes"] == n * k * rows
        assert counts["out bytes"] == m * n
