"""The paper's table for TensorCores, and programs of several kernels: each is what it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import heron_ms
from heron_ms._tvm import IRModule
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.hardware import machine
from heron_ms.hardware.description import only
from heron_ms.hardware.tensorcore import SHARED, TensorCore
from heron_ms.measure.tensorcore.lowering import lower
from heron_ms.sketch import Sketch
from heron_ms.space_generators.plan import Plan, plan_of
from heron_ms.tensorize import Mapping
from heron_ms.workloads import OPERATORS
from heron_ms.workloads.suites import SUITES

A100 = only(TensorCore, machine("a100"), "GPU")


def _planned(workload: Any) -> tuple[Plan, list[ConstrainedSketch]]:
    mod = heron_ms.normalize(IRModule({"main": workload.prim_func()}), A100)
    plan = plan_of(mod, A100)
    sketches = [constrain(Sketch(mod, one.schedule.trace), A100) for one in plan.sketches]
    return plan, sketches


@pytest.mark.slow
@pytest.mark.parametrize("workload", SUITES["tensorcore"], ids=str)
def test_a_program_of_the_paper_is_for_tensorcores(workload: Any, rng: np.random.Generator) -> None:
    plan, sketches = _planned(workload)
    assert any(isinstance(block, Mapping) for block in plan.blocks)
    for sketch in sketches:
        [assignment] = sketch.problem.sample(1, rng)
        kernels = lower(sketch.materialize(assignment).mod, A100).kernels
        assert max(kernel.shared for kernel in kernels) == sketch.held(SHARED, assignment)
    assert len(sketches) >= 2


def test_each_kernel_has_shared_memory_and_stages_of_its_own(rng: np.random.Generator) -> None:
    _, sketches = _planned(OPERATORS["c3d"].of((1, 4, 14, 14, 16, 16, 3, 3, 3, 1, 1, 1), "f16"))
    for sketch in sketches:
        for assignment in sketch.problem.sample(3, rng):
            kernels = lower(sketch.materialize(assignment).mod, A100).kernels
            taken = [kernel.shared for kernel in kernels if kernel.shared]
            assert len(taken) == 3
            assert max(taken) == sketch.held(SHARED, assignment) <= A100.memory(SHARED).capacity
