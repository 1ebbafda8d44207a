"""Constraints derived from the sketches of stock MetaSchedule, on CPUs of three kinds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import IRModule, Target, ms, te
from heron_ms.testing import Checker, Report, spread
from heron_ms.workloads.gemm import Gemm

# MetaSchedule chooses its rules by the features: "llvm", "avx512" and "vnni".
KINDS = {"llvm": "haswell", "avx512": "skylake-avx512", "vnni": "cascadelake"}
ASSIGNMENTS = 6


def _workload(name: str) -> IRModule:
    preload_intrinsics()
    from tvm.s_tir.meta_schedule.testing import te_workload

    makers: dict[str, Callable[[], Any]] = {
        "f32": lambda: te_workload.matmul(128, 128, 128),
        "relu": lambda: te_workload.matmul_relu(64, 96, 128),
        "batch": lambda: te_workload.batch_matmul_nkkm(2, 32, 64, 48),
        "conv2d": lambda: te_workload.conv2d_nhwc(1, 14, 14, 16, 32, 3, 1, 1),
        "depthwise": lambda: te_workload.depthwise_conv2d_nhwc(1, 14, 14, 32, 3, 1, 1),
        "softmax": lambda: te_workload.softmax_mn(64, 256),
    }
    if name == "u8s8":
        return IRModule({"main": Gemm(64, 64, 64).prim_func()})
    return IRModule({"main": te.create_prim_func(list(makers[name]()))})


def _checker(name: str, kind: str) -> Checker:
    target = Target({"kind": "llvm", "mcpu": KINDS[kind], "num-cores": 2})
    return Checker(_workload(name), target, ms.space_generator.PostOrderApply())


def _reports(
    checker: Checker, rng: np.random.Generator, count: int = ASSIGNMENTS
) -> list[tuple[dict[str, int], Report]]:
    drawn = spread(checker.sketches, count, rng)
    return [(assignment, checker.check(sketch, assignment)) for sketch, assignment in drawn]


def _has_location(assignment: dict[str, int]) -> bool:
    return any(name.endswith(".location") for name in assignment)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["f32", "u8s8", "relu", "batch"])
def test_tiles_alone_never_fail(name: str, kind: str, rng: np.random.Generator) -> None:
    reports = _reports(_checker(name, kind), rng)
    assert len(reports) == ASSIGNMENTS
    # Stock's own intrinsic may not survive lowering; the assignment is what it says all the same.
    needed = {"materialised", "decisions", "loops", "accepted"}
    assert [r.failures for _, r in reports if not needed <= set(r.passed)] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["conv2d", "depthwise", "softmax"])
def test_only_a_sampled_location_can_be_refused(
    name: str, kind: str, rng: np.random.Generator
) -> None:
    reports = _reports(_checker(name, kind), rng, 3 * ASSIGNMENTS)
    failed = [(a, r.failures) for a, r in reports if not r.sound]
    # TVM admits a location only where other decisions leave a loop longer than one.
    assert [f for a, f in failed if not _has_location(a) or "DecisionError" not in f[0]] == []
    assert len(failed) < len(reports)


def test_what_the_rules_do_not_model_is_noted() -> None:
    checker = _checker("softmax", "llvm")
    notes = [note for sketch in checker.sketches for note in sketch.notes]
    assert any("sampled location" in note for note in notes)


def test_annotations_are_candidates() -> None:
    sketch = _checker("f32", "llvm").sketches[0]
    assert "unroll_explicit in {0, 16, 64, 512}  [C3]" in str(sketch.problem)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["f32", "u8s8", "conv2d", "softmax"])
def test_many_assignments(name: str, kind: str) -> None:
    checker = _checker(name, kind)
    for sketch, assignment in spread(checker.sketches, 60, np.random.default_rng(1)):
        report = checker.check(sketch, assignment)
        refused = _has_location(assignment) and "DecisionError" in str(report.failures)
        assert refused or "accepted" in report.passed, report.failures
