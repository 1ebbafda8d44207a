"""Programs that accumulate in tile registers: sound for any assignment, and right if they run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import IRModule, Target, TensorIntrin, structural_equal, tvm_compile
from heron_ms.hardware import Cpu, cpu_named, host
from heron_ms.intrinsics import INTRINSICS
from heron_ms.testing import STEPS, Checker, spread
from heron_ms.testing.described import by_description
from heron_ms.testing.observed import allocated
from heron_ms.testing.soundness import COMPACTED, lower
from heron_ms.workloads import Gemm
from heron_ms.workloads.convolutions import Conv2d
from heron_ms.workloads.dtypes import Dtypes
from scripts.bench.harness.right import Operands, share_right

MACHINE = cpu_named("graniterapids")
"""Which has every product of tile registers."""

TARGET = MACHINE.target(1)
PRODUCTS = {
    "u8s8": "tdpbusd",
    "s8s8": "tdpbssd",
    "u8u8": "tdpbuud",
    "s8u8": "tdpbsud",
    "bf16": "tdpbf16ps",
    "f16": "tdpfp16ps",
}
"""The instruction of each pair of operands."""

WORKLOADS = [
    Gemm(64, 128, 96, weight="ahead"),
    Gemm(35, 100, 70),
    Gemm(48, 128, 64, weight="packed"),  # which lies as the tiles do
    Gemm.of((48, 64, 64), "bf16", weight="packed"),
    Gemm.of((35, 70, 50), "f16"),
    Gemm.of((40, 64, 50), "s8s8s8"),
    Gemm(100, 130, 33, weight="nk"),
    Gemm(97, 64, 64, a_dtype="int8"),
    Gemm.of((30, 65, 33), "u8u8"),
    Gemm.of((21, 40, 50), "s8u8", weight="ahead"),
    Gemm(33, 64, 12, a_dtype="int8"),  # its rows become the lanes
    Conv2d(1, 14, 14, 64, 32, 3, 3, 1, 1, 1),
    Conv2d(2, 12, 10, 64, 20, 1, 1, 1, 0, 1),
    Conv2d(2, 12, 10, 70, 20, 1, 1, 1, 0, 1),  # whose rows of tiles are images, columns between
    Conv2d(1, 13, 28, 64, 48, 3, 3, 1, 0, 1, layout="nchw"),
]
LONG = [
    Gemm(64, 1024, 96, weight="packed"),
    Gemm(35, 1100, 70),
    Gemm.of((60, 1040, 100), "s8s8s8", weight="nk"),
    Gemm.of((48, 640, 64), "bf16", weight="packed"),
    Gemm(97, 900, 64, a_dtype="int8", weight="ahead"),
    Conv2d(1, 14, 14, 128, 32, 3, 3, 1, 1, 1),
    Conv2d(1, 13, 28, 128, 48, 3, 3, 1, 0, 1, layout="nchw"),
]
"""Of which some sketches sum up the reduction in blocks."""

EVERY = pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)


EVERY_LONG = pytest.mark.parametrize("workload", LONG, ids=lambda workload: workload.name)


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


def _in_blocks(workload: Any) -> Checker:
    """Of those of `_checker` in which a reduction is summed up in blocks."""
    checker = _checker(workload, TARGET)
    checker.sketches = [
        sketch
        for sketch in checker.sketches
        if any(str(inst.kind.name) == "RFactor" for inst in sketch.sketch.trace.insts)
    ]
    return checker


@EVERY
def test_an_assignment_is_its_program(workload: Any, rng: np.random.Generator) -> None:
    _check_programs(_checker(workload, TARGET), 8, rng)


@EVERY_LONG
def test_a_sum_in_blocks_is_its_program(workload: Any, rng: np.random.Generator) -> None:
    _check_programs(_in_blocks(workload), 4, rng)


def _check_programs(checker: Checker, count: int, rng: np.random.Generator) -> None:
    assert checker.sketches
    for sketch, assignment in spread(checker.sketches, count, rng):
        report = checker.check(sketch, assignment)
        assert report.failures == ()
        assert report.passed == STEPS
        assert report.unmeasured == frozenset()


@EVERY
def test_it_computes_what_numpy_computes(workload: Any, rng: np.random.Generator) -> None:
    if not _multiplies_in_tiles(host(), workload.dtypes):
        pytest.skip("this CPU has no such tile registers, or the system does not permit them")
    _check_results(_checker(workload, host().target(1)), workload, 6, rng)


@pytest.mark.parametrize("dtype", PRODUCTS)
def test_what_is_described_is_what_numpy_computes(dtype: str, rng: np.random.Generator) -> None:
    # TVM makes float32 of a copy of bfloat16, so there has to be none.
    case, weight = ((32, 64, 48), "packed") if dtype == "bf16" else ((30, 70, 35), "kn")
    workload = Gemm.of(case, dtype, weight=weight)
    with by_description(MACHINE):
        _check_results(_checker(workload, TARGET), workload, 2, rng)


@pytest.mark.parametrize("workload", LONG[:4], ids=lambda workload: workload.name)
def test_a_sum_in_blocks_is_what_numpy_computes(workload: Any, rng: np.random.Generator) -> None:
    with by_description(MACHINE):
        _check_results(_in_blocks(workload), workload, 2, rng)


@pytest.mark.slow
@EVERY_LONG
def test_so_is_every_one_in_blocks(workload: Any, rng: np.random.Generator) -> None:
    with by_description(MACHINE):
        _check_results(_in_blocks(workload), workload, 6, rng)


@pytest.mark.slow
@EVERY
def test_so_is_every_program(workload: Any, rng: np.random.Generator) -> None:
    with by_description(MACHINE):
        _check_results(_checker(workload, TARGET), workload, 4, rng)


def _check_results(checker: Checker, workload: Any, count: int, rng: np.random.Generator) -> None:
    """Of so many programs, on this CPU."""
    operands = Operands.of(workload, 1)
    assert checker.sketches
    for sketch, assignment in spread(checker.sketches, count, rng):
        program = checker.sketches[sketch].materialize(assignment).mod
        kernel = tvm_compile(program, Target(host().target(1)))
        assert share_right(kernel, operands) == 1.0


@pytest.mark.parametrize("dtype", PRODUCTS)
def test_its_instruction_is_in_the_code(dtype: str, rng: np.random.Generator) -> None:
    checker = _checker(Gemm.of((32, 64, 48), dtype, weight="packed"), TARGET)
    ((sketch, assignment),) = spread(checker.sketches, 1, rng)
    program = checker.sketches[sketch].materialize(assignment).mod
    code = tvm_compile(program, Target(TARGET)).mod.inspect_source("asm")
    assert PRODUCTS[dtype] in code
    others = {*PRODUCTS.values()} - {PRODUCTS[dtype]}
    assert not [other for other in others if other in code]


def test_without_descriptions_the_instructions_are_back() -> None:
    name = "amx.u8s8s32.16x16x64"
    before = TensorIntrin.get(name).impl
    with by_description(MACHINE):
        described = TensorIntrin.get(name)
        assert structural_equal(described.impl, described.desc)
    assert structural_equal(TensorIntrin.get(name).impl, before)
    assert not structural_equal(before, TensorIntrin.get(name).desc)


def test_a_requantised_product_leaves_no_sums_in_memory(rng: np.random.Generator) -> None:
    """But those of one macro tile, on their way to bytes."""
    checker = _checker(Gemm.of((96, 64, 96), "s8s8s8", weight="packed"), TARGET)
    assert checker.sketches
    for sketch, assignment in spread(checker.sketches, 4, rng):
        program = checker.sketches[sketch].materialize(assignment).mod
        sizes = allocated(lower(program, checker.target)[COMPACTED])
        assert sizes["C_global.bytes"] == 16 * 16 * 4 * assignment["C.tiles"]


def test_a_sum_in_blocks_keeps_one_part_and_the_sums_of_a_task(rng: np.random.Generator) -> None:
    """The part of one macro tile, and as many sums as a task writes bytes."""
    rows, columns = 96, 96
    checker = _in_blocks(Gemm.of((rows, 1024, columns), "s8s8s8", weight="packed"))
    assert checker.sketches
    for sketch, assignment in spread(checker.sketches, 4, rng):
        program = checker.sketches[sketch].materialize(assignment).mod
        sizes = allocated(lower(program, checker.target)[COMPACTED])
        assert sizes["C.rf.bytes"] == 16 * 16 * 4 * assignment["C_rf.tiles"]
        assert sizes["C_global.bytes"] == rows * columns * 4 // assignment["C.tasks"]


def test_a_sum_has_at_least_two_blocks() -> None:
    for sketch in _in_blocks(Gemm(64, 1024, 96, weight="packed")).sketches:
        found = sketch.problem.sample(100, np.random.default_rng(0))
        assert {one["C.k.0"] for one in found} == {2, 4, 8, 16}


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
