"""Programs that accumulate in tile registers: sound for any assignment, and right if they run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import IRModule, Target, tvm_compile
from heron_ms.hardware import Cpu, cpu_named, host
from heron_ms.intrinsics import INTRINSICS
from heron_ms.testing import STEPS, Checker, spread
from heron_ms.workloads import Gemm
from heron_ms.workloads.convolutions import Conv2d
from heron_ms.workloads.dtypes import Dtypes

TARGET = cpu_named("graniterapids").target(1)
"""Which has every product of tile registers."""

WORKLOADS = [
    Gemm(64, 128, 96, weight="ahead"),
    Gemm(35, 100, 70),
    Gemm(48, 128, 64, weight="packed"),  # which lies as the tiles do
    Gemm.of((48, 64, 64), "bf16", weight="packed"),
    Gemm.of((35, 70, 50), "f16"),
    Gemm(100, 130, 33, weight="nk"),
    Gemm(97, 64, 64, a_dtype="int8"),
    Gemm(33, 64, 12, a_dtype="int8"),  # its rows become the lanes
    Conv2d(1, 14, 14, 64, 32, 3, 3, 1, 1, 1),
    Conv2d(2, 12, 10, 64, 20, 1, 1, 1, 0, 1),
    Conv2d(1, 13, 28, 64, 48, 3, 3, 1, 0, 1, layout="nchw"),
]
EVERY = pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)


def _multiplies_in_tiles(machine: Cpu, dtypes: Dtypes) -> bool:
    known = (INTRINSICS[name] for name in machine.intrinsics)
    return any(each.accumulators and each.accepts(dtypes.a, dtypes.b, dtypes.c) for each in known)


def _checker(workload: Any, target: Any) -> Checker:
    """Of the sketches in tile registers."""
    checker = Checker(IRModule({"main": workload.prim_func()}), Target(target))
    checker.sketches = [
        sketch for sketch in checker.sketches if "tile registers.bytes" in sketch.problem.names
    ]
    return checker


@EVERY
def test_an_assignment_is_its_program(workload: Any, rng: np.random.Generator) -> None:
    checker = _checker(workload, TARGET)
    assert checker.sketches
    for sketch, assignment in spread(checker.sketches, 8, rng):
        report = checker.check(sketch, assignment)
        assert report.failures == ()
        assert report.passed == STEPS


@EVERY
def test_it_computes_what_numpy_computes(workload: Any, rng: np.random.Generator) -> None:
    import tvm

    if not _multiplies_in_tiles(host(), workload.dtypes):
        pytest.skip("this CPU has no such tile registers, or the system does not permit them")
    checker = _checker(workload, host().target(1))
    assert checker.sketches
    a, b = workload.random_inputs(rng)
    expected = workload.reference(a, b)
    for sketch, assignment in spread(checker.sketches, 6, rng):
        program = checker.sketches[sketch].materialize(assignment).mod
        result = tvm.runtime.tensor(np.full(expected.shape, 99, workload.dtypes.c))
        tvm_compile(program, Target(host().target(1)))(
            tvm.runtime.tensor(a), tvm.runtime.tensor(workload.arrange(b)), result
        )
        # Products of floats of 16 bits are exact in float32, and 64 of them are added.
        tolerance = 0 if workload.dtypes.integer else 64 * np.finfo("float32").eps * 64
        np.testing.assert_allclose(result.numpy(), expected, rtol=0, atol=tolerance)


def test_one_tile_more_is_no_solution() -> None:
    """Beside the results a register for each column of them, and one for a row."""
    checker = _checker(Gemm(96, 64, 96), TARGET)
    assert checker.sketches
    for sketch in checker.sketches:
        found = sketch.problem.sample(400, np.random.default_rng(0))
        shapes = {(one["C.i.2"], one["C.j.2"]) for one in found}
        assert max(rows * columns + columns + 1 for rows, columns in shapes) == 8
        assert {(6, 1), (2, 2), (1, 3)} <= shapes
        assert not shapes & {(3, 2), (2, 3), (1, 4)}


def test_beside_lower_tiles_a_register_stays_free() -> None:
    """By which others on the thread see that the configuration is not theirs."""
    checker = _checker(Gemm(84, 64, 96), TARGET)
    shapes = set()
    for sketch in checker.sketches:
        found = sketch.problem.sample(400, np.random.default_rng(0))
        shapes |= {(one["C.i.2"], one["C.j.2"]) for one in found}
    assert {(2, 2), (1, 3)} <= shapes
    assert max(rows * columns + columns + 1 for rows, columns in shapes) == 7
