"""Machines whose matrix unit is not 16 x 16: exact, on sizes that are no whole elements too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from heron_ms.hardware import catalogue
from heron_ms.hardware.vta import BLOCKS
from heron_ms.workloads import Workload
from tests.measure.vta.programs import described, sketch_of, workload, wrong

PROGRAMS = [
    workload("gemm", 32, 64, 48),
    workload("gemm", 13, 31, 67),
    workload("bmm", 3, 5, 18, 7),
    workload("c2d", 1, 7, 6, 5, 18, 3, 2, 1, 1, 1),
    workload("dil", 1, 9, 9, 18, 20, 3, 3, 1, 2, 2),
]


@pytest.fixture(autouse=True)
def _nothing_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test adds is known in that test only."""
    monkeypatch.setattr(catalogue, "_added", {})


@pytest.mark.parametrize("given", PROGRAMS, ids=lambda given: given.name)
@pytest.mark.parametrize("block", [block for block in BLOCKS if block != 16])
def test_other_blocks(
    block: int, given: Workload, tmp_path: Path, rng: np.random.Generator
) -> None:
    machine = described(tmp_path, block=block)
    sketch = sketch_of(given, machine)
    for assignment in sketch.problem.sample(2, rng):
        different, kernel = wrong(given, sketch.materialize(assignment), rng, machine)
        assert different == 0
        [cycles] = kernel.cycles
        assert cycles.total * machine.multiplications >= given.operations // 2
