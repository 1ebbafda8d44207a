"""Which constraint each rule emits, and the way between decisions and assignments."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

import heron_ms
from heron_ms._tvm import IRModule, Target, te
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.errors import AssignmentError, DecisionError, TargetError
from heron_ms.hardware import for_target
from heron_ms.sketch import sampling


@pytest.fixture
def sketches(gemm: Callable[..., Any], dlboost: Any) -> list[ConstrainedSketch]:
    made = heron_ms.generate_sketches(gemm(64, 128, 96), dlboost)
    return [constrain(sketch, for_target(dlboost)) for sketch in made]


def _constraints(sketch: ConstrainedSketch) -> set[tuple[str, str]]:
    return {(constraint.rule, str(constraint)) for constraint in sketch.problem.constraints}


EXPECTED = [
    ("C1", "C.i.0 * C.i.1 * C.i.2 * C.i.3 = 64"),
    ("C1", "C.j.0 * C.j.1 * C.j.2 * C.j.3 = 6"),
    ("C1", "C.k.0 * C.k.1 = 32"),
    ("C1", "C.i.3 <= 30"),
    ("C2", "C.i.0 * C.j.0 = C.fused"),
    ("C4", "C.i.2 * C.i.3 = C.i.2+"),
    ("C4", "C.j.1 * C.j.2 * C.j.3 = C.j.1+"),
    ("C5", "C.registers.bytes <= 2048"),
    ("C5", "C.L1.bytes <= 32768"),
    ("C5", "C.L2.bytes <= 1048576"),
    ("C6", "C.tasks = C.fused"),
]


def test_each_rule_emits_its_constraints(sketches: list[ConstrainedSketch]) -> None:
    found = set().union(*map(_constraints, sketches))
    assert [expected for expected in EXPECTED if expected not in found] == []


@pytest.mark.parametrize(("mcpu", "bytes_of_a_vector"), [("haswell", 2 * 32), ("alderlake", 32)])
def test_bytes_that_are_widened_take_two_registers(
    gemm: Callable[..., Any], mcpu: str, bytes_of_a_vector: int
) -> None:
    """VPMADDWD multiplies 16-bit numbers, VPDPBUSD takes the bytes as they are."""
    target = Target({"kind": "llvm", "mcpu": mcpu, "num-cores": 1})
    sketch = heron_ms.generate_sketches(gemm(64, 128, 96), target)[0]
    found = _constraints(constrain(sketch, for_target(target)))
    assert ("C5", f"C.j.3 * {bytes_of_a_vector} = C.weights.bytes") in found
    held = f"C.accumulators.bytes + C.weights.bytes + {bytes_of_a_vector} = C.registers.bytes"
    assert ("C5", held) in found


def test_a_program_without_decisions_has_one_assignment(dlboost: Any, rng: Any) -> None:
    a = te.placeholder((64, 64), "float32", name="A")
    b = te.compute((64, 64), lambda i, j: a[i, j] * 2.0, name="B")
    mod = IRModule({"main": te.create_prim_func([a, b])})
    (sketch,) = heron_ms.generate_sketches(mod, dlboost)
    problem = heron_ms.derive_csp(sketch, dlboost)
    assert problem.constraints == ()
    assert problem.count() == 1
    assert problem.sample(5, rng) == [{}]
    assert heron_ms.materialize(sketch, {}).mod is not None


def test_more_cores_admit_more_tasks(gemm: Callable[..., Any], dlboost: Any) -> None:
    sketch = heron_ms.generate_sketches(gemm(1024, 1024, 1024), dlboost)[0]
    limits = []
    for cores in (1, 4):
        target = Target({"kind": "llvm", "mcpu": "cascadelake", "num-cores": cores})
        problem = heron_ms.derive_csp(sketch, target)
        limits += [str(c) for c in problem.constraints if str(c).startswith("C.tasks <=")]
    assert limits == ["C.tasks <= 256", "C.tasks <= 1024"]


def test_the_register_tile_fits(sketches: list[ConstrainedSketch], rng: Any) -> None:
    for sketch in sketches:
        for assignment in sketch.problem.sample(200, rng):
            rows, columns = assignment["C.i.3"], assignment["C.j.3"]
            assert rows * columns + columns + 1 <= 32


def test_all_legal_register_tiles_are_there(sketches: list[ConstrainedSketch], rng: Any) -> None:
    drawn = sketches[0].problem.sample(100_000, rng)
    found = {(assignment["C.i.3"], assignment["C.j.3"]) for assignment in drawn}
    heights, widths = (1, 2, 4, 8, 16), (1, 2, 3, 6)
    assert found == {(h, w) for h, w in product(heights, widths) if h * w + w + 1 <= 32}


def test_a_one_tile_axis_is_no_reduction(gemm: Callable[..., Any], dlboost: Any, rng: Any) -> None:
    # N = 16 is one tile of lanes: nothing in the output's region tells its loops from a reduction.
    sketch = heron_ms.generate_sketches(gemm(17, 101, 16), dlboost)[0]
    problem = heron_ms.derive_csp(sketch, dlboost)
    for assignment in problem.sample(20, rng):
        rows, depth = assignment["C.i.2"] * assignment["C.i.3"], assignment["C.k.1"]
        assert assignment["C.L2.bytes"] == rows * 64 + rows * depth * 4 + depth * 64


def test_decisions_and_assignments_both_ways(sketches: list[ConstrainedSketch], rng: Any) -> None:
    for sketch in sketches:
        for assignment in sketch.problem.sample(10, rng):
            decisions = sketch.decisions(assignment)
            assert len(decisions) == len(sketch.sketch.sampling())
            assert sketch.assignment(decisions) == assignment


def test_a_trace_outside_the_constraints_is_no_assignment(
    sketches: list[ConstrainedSketch], rng: Any
) -> None:
    sketch = sketches[0]
    decisions = sketch.decisions(sketch.problem.sample(1, rng)[0])
    # 16 rows of 6 vectors are 96 accumulators.
    assert sketch.assignment([[4, 1, 1, 16], [1, 1, 1, 6], decisions[2]]) is None


def test_an_infeasible_decision_is_not_repaired_in_silence(
    sketches: list[ConstrainedSketch], rng: Any
) -> None:
    assignment = sketches[0].problem.sample(1, rng)[0]
    with pytest.raises(DecisionError, match="TVM replaced"):
        sketches[0].materialize({**assignment, "C.i.0": 3})


def test_the_module_level_functions(gemm: Callable[..., Any], dlboost: Any, rng: Any) -> None:
    sketch = heron_ms.generate_sketches(gemm(64, 64, 64), dlboost)[0]
    assignment = heron_ms.derive_csp(sketch, dlboost).sample(1, rng)[0]
    sch = heron_ms.materialize(sketch, assignment)
    tiles = [int(x) for x in sch.trace.get_decision(sampling(sch.trace)[0])]
    assert tiles == [assignment[f"C.i.{level}"] for level in range(4)]
    with pytest.raises(AssignmentError):
        heron_ms.materialize(sketch, {"C.i.0": 1})


def test_a_target_that_is_no_cpu(gemm: Callable[..., Any], dlboost: Any) -> None:
    sketch = heron_ms.generate_sketches(gemm(64, 64, 64), dlboost)[0]
    with pytest.raises(TargetError):
        heron_ms.derive_csp(sketch, Target({"kind": "cuda"}))


def test_the_same_sketch_gives_the_same_problem(gemm: Callable[..., Any], dlboost: Any) -> None:
    texts = [
        [str(heron_ms.derive_csp(sketch, dlboost)) for sketch in made]
        for made in (heron_ms.generate_sketches(gemm(64, 64, 64), dlboost) for _ in range(2))
    ]
    assert texts[0] == texts[1]


def test_the_count_is_that_of_brute_force(gemm: Callable[..., Any], dlboost: Any) -> None:
    sketch = heron_ms.generate_sketches(gemm(4, 8, 32), dlboost)[0]
    problem = constrain(sketch, for_target(dlboost)).problem
    tiles = [_factors(4, 4), _factors(2, 4), _factors(2, 2)]
    names = [
        f"C.{axis}.{level}" for axis, n in (("i", 4), ("j", 4), ("k", 2)) for level in range(n)
    ]
    completed = (
        problem.complete(dict(zip(names, np.concatenate(factors).tolist(), strict=True)))
        for factors in product(*tiles)
    )
    assert problem.count() == sum(completion is not None for completion in completed)


def _factors(n: int, parts: int) -> list[tuple[int, ...]]:
    return [factors for factors in product(range(1, n + 1), repeat=parts) if np.prod(factors) == n]
