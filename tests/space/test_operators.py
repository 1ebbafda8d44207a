"""Random assignments of the sketches of random small operators compute what numpy computes.

Run with every intrinsic that this CPU executes, one at a time, whatever else it has.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from heron_ms._tvm import IRModule, Schedule, Target, tvm_compile
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.hardware import Machine, host
from heron_ms.intrinsics import INTRINSICS
from heron_ms.sketch import Sketch
from heron_ms.space_generators.plan import plan_of
from heron_ms.tensorize import Mapping
from heron_ms.workloads import DTYPES, OPERATORS, Workload
from tests.tensorize.einsums import program
from tests.tensorize.small_workloads import workloads

SETTINGS: dict[str, Any] = {
    "deadline": None,
    "derandomize": True,
    "suppress_health_check": list(HealthCheck),
}


def _dtype(intrinsic: str) -> str | None:
    """The short name of an intrinsic's types; None where no workload has them."""
    used = INTRINSICS[intrinsic]
    return next((n for n, d in DTYPES.items() if used.accepts(d.a, d.b, d.c)), None)


HERE = {
    name: dtype
    for name in host().intrinsics
    if INTRINSICS[name].implementation is not None and (dtype := _dtype(name)) is not None
}
"""The intrinsics that can be tried, and the types that they are tried on."""


def _machine(intrinsic: str) -> Machine:
    return replace(host().with_cores(1), intrinsics=(intrinsic,))


def _sketches(workload: Workload, machine: Machine) -> list[ConstrainedSketch]:
    mod = program(workload)
    made = plan_of(mod, machine).sketches
    return [constrain(Sketch(mod, chosen.schedule.trace), machine) for chosen in made]


def _is_tensorized(sch: Schedule) -> bool:
    return any(str(inst.kind.name) == "Tensorize" for inst in sch.trace.insts)


def _check(workload: Workload, mod: IRModule, machine: Machine) -> None:
    import tvm

    a, b = workload.random_inputs(np.random.default_rng(0))
    expected = workload.reference(a, b)
    c = tvm.runtime.tensor(np.full(expected.shape, -7, workload.dtypes.c))
    kernel = tvm_compile(mod, target=Target(machine.target()))
    kernel(tvm.runtime.tensor(a), tvm.runtime.tensor(workload.arrange(b)), c)
    off = np.abs(c.numpy().astype(np.float64) - expected)
    assert np.all(off <= workload.tolerance(a, b))


@pytest.mark.slow
@pytest.mark.skipif(not HERE, reason="this CPU executes none of the intrinsics")
@settings(max_examples=25, **SETTINGS)
@given(data=st.data())
def test_a_random_assignment_is_exact(data: st.DataObject) -> None:
    intrinsic = data.draw(st.sampled_from(list(HERE)))
    workload = data.draw(workloads([HERE[intrinsic]]))
    machine = _machine(intrinsic)
    # A block that slides a window is scheduled as one, also where it would map.
    blocks = plan_of(program(workload), machine).blocks
    assume(any(isinstance(outcome, Mapping) for outcome in blocks))
    sketches = _sketches(workload, machine)
    # Of some the rules make no sketch, and stock takes over: what bfloat16 would have to stage, and
    # single channels, whose iterators TVM replaces by constants.
    assume(sketches)
    sketch = sketches[data.draw(st.integers(0, len(sketches) - 1))]
    (assignment,) = sketch.problem.sample(1, np.random.default_rng(data.draw(st.integers(0, 99))))
    sch = sketch.materialize(assignment)
    assert _is_tensorized(sch)
    _check(workload, sch.mod, machine)


@pytest.mark.slow
@pytest.mark.skipif(not HERE, reason="this CPU executes none of the intrinsics")
@pytest.mark.parametrize("operator", OPERATORS)
@settings(max_examples=8, **SETTINGS)
@given(data=st.data())
def test_every_sketch_is_exact(operator: str, data: st.DataObject) -> None:
    intrinsic = data.draw(st.sampled_from(list(HERE)))
    workload = data.draw(workloads([HERE[intrinsic]], [operator]))
    machine = _machine(intrinsic)
    for sketch in _sketches(workload, machine):
        for assignment in sketch.problem.sample(2, np.random.default_rng(0)):
            _check(workload, sketch.materialize(assignment).mod, machine)


@pytest.mark.skipif(not HERE, reason="this CPU executes none of the intrinsics")
def test_a_padded_result_keeps_the_zeros_between_its_elements() -> None:
    # 3 x 3 x 2 results, which lanes pad to more than the 5 x 5 x 2 with the zeros.
    for intrinsic, dtype in HERE.items():
        workload = OPERATORS["t2d"].of((1, 3, 3, 4, 2, 1, 1, 2, 0), dtype, layout="nhwc")
        for sketch in _sketches(workload, _machine(intrinsic)):
            (assignment,) = sketch.problem.sample(1, np.random.default_rng(0))
            _check(workload, sketch.materialize(assignment).mod, host())
