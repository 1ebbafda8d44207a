"""What the constraints promise: no program of an assignment is refused, and none is idle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from heron_ms.constraints import ConstrainedSketch
from heron_ms.csp import Eq, Le, Problem
from heron_ms.errors import FaultError
from heron_ms.hardware.vta import Vta
from heron_ms.workloads import Workload
from tests.measure.vta.programs import PYNQ, sketch_of, workload, wrong

PROGRAMS = [
    workload("gemm", 32, 64, 48),
    workload("gemm", 21, 40, 20),
    workload("bmm", 2, 8, 32, 32),
    workload("c1d", 1, 16, 32, 32, 3, 1, 1, 1),
    workload("c2d", 1, 8, 8, 32, 32, 3, 3, 2, 1, 1),
    workload("dil", 1, 8, 8, 16, 32, 3, 3, 1, 2, 2),
]


def small(**bytes_of: int) -> Vta:
    """A machine with some memories so small that tiles of a test do not fit."""
    memories = tuple(
        replace(memory, capacity=bytes_of.get(memory.name, memory.capacity))
        for memory in PYNQ.memories
    )
    return replace(PYNQ, name="small", memories=memories)


def faults(
    given: Workload, sketch: ConstrainedSketch, machine: Vta, count: int, rng: np.random.Generator
) -> Iterator[str]:
    """The kinds of faults of random programs; every other one has to be exact."""
    for assignment in sketch.problem.sample(count, rng):
        try:
            different, _ = wrong(given, sketch.materialize(assignment), rng, machine)
            assert different == 0, assignment
        except FaultError as fault:
            yield fault.kind


@pytest.mark.parametrize("given", PROGRAMS, ids=lambda given: given.name)
def test_no_program_is_refused(given: Workload, rng: np.random.Generator) -> None:
    assert list(faults(given, sketch_of(given), PYNQ, 3, rng)) == []


@pytest.mark.slow
@pytest.mark.parametrize("given", PROGRAMS, ids=lambda given: given.name)
def test_none_of_a_thousand_programs_is_refused(given: Workload, rng: np.random.Generator) -> None:
    assert list(faults(given, sketch_of(given), PYNQ, 1000, rng)) == []


def _broken(limit: Le) -> Le:
    """What breaks a limit with a number on one side."""
    if isinstance(limit.left, int):
        return Le(limit.right, limit.left - 1)
    assert isinstance(limit.right, int)
    return Le(limit.right + 1, limit.left)


CONSTRAINTS = {
    "inp.bytes": ("C5", "capacity", small(inp=512)),
    "wgt.bytes": ("C5", "capacity", small(wgt=1024)),
    "acc.bytes": ("C5", "capacity", small(acc=1024)),
    "C.steps": ("C6", "distance", small()),
    "C.uops": ("C6", "capacity", small(uop=64)),
}


@pytest.mark.parametrize("variable", CONSTRAINTS)
def test_no_constraint_is_idle(variable: str, rng: np.random.Generator) -> None:
    """Of what it alone forbids some program is refused, with it none."""
    rule, kind, machine = CONSTRAINTS[variable]
    given = workload("c2d", 1, 8, 8, 32, 32, 3, 3, 1, 1, 1)
    sketch = sketch_of(given, machine)
    limits = [c for c in sketch.problem.constraints if str(c).find(variable) >= 0]
    limit = next(c for c in limits if "<=" in str(c) and c.rule == rule)
    assert isinstance(limit, Le)
    others = tuple(c for c in sketch.problem.constraints if c is not limit)
    beyond = Problem(sketch.problem.variables, (*others, _broken(limit)))
    without = replace(sketch, problem=beyond)
    assert kind in faults(given, without, machine, 40, rng)
    assert list(faults(given, sketch, machine, 8, rng)) == []


def test_a_single_accumulator_is_updated_once_a_tile(rng: np.random.Generator) -> None:
    """Of a program that is too small for the distance, more of the reduction would be refused."""
    given = workload("gemm", 1, 96, 16)
    sketch = sketch_of(given)
    [single] = [c for c in sketch.problem.constraints if isinstance(c, Eq) and c.rule == "C6"]
    others = tuple(c for c in sketch.problem.constraints if c is not single)
    without = replace(sketch, problem=Problem(sketch.problem.variables, others))
    assert "distance" in faults(given, without, PYNQ, 40, rng)
    assert list(faults(given, sketch, PYNQ, 8, rng)) == []
