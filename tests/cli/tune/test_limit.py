"""What limits a program by the model: outer levels where data does not fit, none if unreadable."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import IRModule
from heron_ms.cli.tune.limit import limited_by
from heron_ms.constraints import constrain
from heron_ms.errors import ModelError
from heron_ms.hardware import machine
from heron_ms.space_generators import generate_sketches
from heron_ms.workloads import Gemm, Workload

HERE = machine("cascadelake").with_cores(1)


def _program(workload: Workload, target: Any) -> IRModule:
    found = generate_sketches(IRModule({"main": workload.prim_func()}), target)
    sketch = constrain(found[0], HERE)
    (assignment,) = sketch.problem.sample(1, np.random.default_rng(0))
    return sketch.materialize(assignment).mod


@pytest.mark.parametrize("weight", ["packed", "kn", "ahead"])
def test_a_small_product_does_not_leave_the_first_cache(weight: str, dlboost: Any) -> None:
    workload = Gemm(16, 64, 32, weight=weight)
    assert limited_by(workload, HERE, _program(workload, dlboost)) in ("registers", "L1")


def test_a_weight_larger_than_the_caches_comes_from_memory(dlboost: Any) -> None:
    """Each of its bytes is used once."""
    workload = Gemm(1, 8192, 8192, weight="packed")
    assert limited_by(workload, HERE, _program(workload, dlboost)) == "DRAM"


def test_a_program_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(*_: Any) -> None:
        raise ModelError("cannot read it")

    monkeypatch.setattr("heron_ms.cli.tune.limit.cpu_cost", unreadable)
    workload = Gemm(4, 4, 4)
    assert limited_by(workload, HERE, IRModule({"main": workload.prim_func()})) is None
