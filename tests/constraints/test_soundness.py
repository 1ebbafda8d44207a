"""Random assignments of HeronSpace's sketches are the programs that their variables describe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import tvm_compile
from heron_ms.testing import STEPS, Checker, Report, spread
from heron_ms.workloads import Gemm

SHAPES = [
    ((64, 64, 64), "uint8"),
    ((17, 101, 1), "int8"),
    ((1, 17, 101), "int8"),
    ((101, 3, 17), "uint8"),
    ((100, 500, 72), "uint8"),
]
ASSIGNMENTS = 6


@pytest.mark.parametrize("weight", ("kn", "nk", "packed"))
@pytest.mark.parametrize(("shape", "a_dtype"), SHAPES)
def test_an_assignment_is_its_program(
    gemm: Callable[..., Any],
    dlboost: Any,
    rng: np.random.Generator,
    shape: tuple[int, int, int],
    a_dtype: str,
    weight: str,
) -> None:
    checker = Checker(gemm(*shape, weight=weight, a_dtype=a_dtype), dlboost)
    for sketch, assignment in spread(checker.sketches, ASSIGNMENTS, rng):
        report = checker.check(sketch, assignment)
        assert report.failures == ()
        assert report.passed == STEPS
        assert report.unmeasured == frozenset()


@pytest.mark.vnni
@pytest.mark.parametrize(("shape", "a_dtype"), SHAPES[1:])
def test_it_computes_what_numpy_computes(
    gemm: Callable[..., Any],
    here: Any,
    rng: np.random.Generator,
    shape: tuple[int, int, int],
    a_dtype: str,
) -> None:
    for weight in ("kn", "nk", "packed"):
        workload = Gemm(*shape, weight=weight, a_dtype=a_dtype)
        checker = Checker(gemm(*shape, weight=weight, a_dtype=a_dtype), here)
        for sketch, assignment in spread(checker.sketches, 2, rng):
            report = checker.check(sketch, assignment)
            assert report.sound
            _check_result(workload, report, here, rng)


def _check_result(workload: Gemm, report: Report, target: Any, rng: np.random.Generator) -> None:
    import tvm

    assert report.schedule is not None
    kernel = tvm_compile(report.schedule.mod, target)
    a, b = workload.random_inputs(rng)
    expected = workload.reference(a, b)
    c = tvm.runtime.tensor(np.full(expected.shape, -7, np.int32))
    kernel(tvm.runtime.tensor(a), tvm.runtime.tensor(workload.arrange(b)), c)
    np.testing.assert_array_equal(c.numpy(), expected)


class TestTheCheckItself:
    """A checker that cannot fail proves nothing."""

    @pytest.fixture
    def checker(self, gemm: Callable[..., Any], dlboost: Any) -> Checker:
        return Checker(gemm(64, 64, 64), dlboost)

    @pytest.fixture
    def assignment(self, checker: Checker, rng: np.random.Generator) -> dict[str, int]:
        return checker.sketches[0].problem.sample(1, rng)[0]

    def test_a_wrong_derived_variable(self, checker: Checker, assignment: dict[str, int]) -> None:
        report = checker.check(0, {**assignment, "C.tasks": assignment["C.tasks"] + 1})
        assert not report.sound
        assert "C.tasks" in report.failures[0]

    def test_a_tile_that_does_not_multiply_up(
        self, checker: Checker, assignment: dict[str, int]
    ) -> None:
        report = checker.check(0, {**assignment, "C.i.0": 3})
        assert "breaks" in report.failures[0]
        assert report.passed == ()

    @pytest.mark.parametrize("name", ["C.i.2+", "C_global.bytes", "C.L1.bytes", "C.tasks"])
    def test_a_variable_that_the_rules_got_wrong(
        self,
        checker: Checker,
        assignment: dict[str, int],
        name: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        wrong = {**assignment, name: assignment[name] + 1}
        trusting = _Trusting(checker.sketches[0], wrong)
        monkeypatch.setattr(checker, "sketches", [trusting])
        report = checker.check(0, wrong)
        assert any(f"{name} is {assignment[name]}" in failure for failure in report.failures)

    def test_a_loop_that_the_rules_got_wrong(
        self, checker: Checker, assignment: dict[str, int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told = dict(checker.claims[0])
        told["C_o_update"] = [99, *told["C_o_update"][1:]]
        monkeypatch.setattr(checker, "claims", [told])
        report = checker.check(0, assignment)
        assert "C_o_update has loops of" in report.failures[0]


class _Trusting:
    """A constrained sketch whose problem takes one wrong assignment for a solution."""

    def __init__(self, real: Any, wrong: dict[str, int]) -> None:
        self._real, self._wrong = real, wrong
        self.sketch, self.knobs, self.problem = real.sketch, real.knobs, self
        self.variables = real.problem.variables

    def check(self, _: dict[str, int]) -> list[Any]:
        return []

    def materialize(self, assignment: dict[str, int]) -> Any:
        return self._real.materialize(assignment)

    def assignment_of(self, _: Any) -> dict[str, int]:
        return self._wrong


@pytest.mark.slow
@pytest.mark.parametrize("weight", ("kn", "nk", "packed"))
@pytest.mark.parametrize("shape", [(1024, 1024, 1024), (1000, 1008, 500), (1, 1000, 1008)])
def test_large_shapes(
    gemm: Callable[..., Any],
    dlboost: Any,
    rng: np.random.Generator,
    shape: tuple[int, int, int],
    weight: str,
) -> None:
    checker = Checker(gemm(*shape, weight=weight), dlboost)
    reports = [checker.check(*pair) for pair in spread(checker.sketches, 60, rng)]
    assert [report.failures for report in reports if not report.sound] == []
