"""An assignment that lacks something, or has too much, is one clear error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import heron_ms
from heron_ms._tvm import Schedule
from heron_ms.csp import Le, Problem, Prod, Variable
from heron_ms.errors import AssignmentError

PROBLEM = Problem(
    (Variable("rows", (1, 2, 4, 8)), Variable("bytes", range(1, 600))),
    (Prod("bytes", ("rows", 64), rule="C5"), Le("bytes", 256, rule="C5")),
)
RIGHT = {"rows": 4, "bytes": 256}


def test_integers_of_numpy_are_integers() -> None:
    assert PROBLEM.check({name: np.int64(value) for name, value in RIGHT.items()}) == []
    assert PROBLEM.complete({"rows": np.int32(4)}) == RIGHT
    assert len(PROBLEM.sample(np.int64(2), np.random.default_rng(0))) == 2


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"rows": 4}, "no value for variable 'bytes'"),
        ({**RIGHT, "row": 4}, "unknown variable 'row': did you mean 'rows'"),
        ({**RIGHT, "columns": 4}, "unknown variable 'columns', which"),
        ({**RIGHT, "rows": 4.0}, r"rows must be an integer, got 4\.0"),
        ({**RIGHT, "rows": "4"}, "rows must be an integer, got '4'"),
    ],
    ids=str,
)
def test_what_is_no_assignment(given: dict[str, Any], words: str) -> None:
    with pytest.raises(AssignmentError, match=words):
        PROBLEM.check(given)


@pytest.mark.parametrize("n", (-1, 2.5, "3"))
def test_a_number_of_solutions_that_is_none(n: Any) -> None:
    with pytest.raises(AssignmentError, match="^n must be"):
        PROBLEM.sample(n, np.random.default_rng(0))


class TestOfASketch:
    def test_materialize(self, gemm: Callable[..., Any], dlboost: Any) -> None:
        sketch = heron_ms.generate_sketches(gemm(64, 64, 64), dlboost)[0]
        found = heron_ms.derive_csp(sketch, dlboost).sample(1, np.random.default_rng(0))[0]
        missing = {name: value for name, value in found.items() if name != "C.i.0"}
        cases: list[Any] = [missing, {**found, "C.i.0": 1.5}]
        for given in cases:
            with pytest.raises(AssignmentError, match=r"C\.i\.0"):
                heron_ms.materialize(sketch, given)

    def test_a_schedule_is_no_sketch(self, gemm: Callable[..., Any], dlboost: Any) -> None:
        mod = gemm(64, 64, 64)
        sketch = heron_ms.generate_sketches(mod, dlboost)[0]
        schedule = Schedule(mod)
        assert heron_ms.derive_csp(schedule, dlboost).names == ()
        sketch.trace.apply_to_schedule(schedule, remove_postproc=False)
        with pytest.raises(TypeError, match=r"Sketch\(mod, schedule.trace\)"):
            heron_ms.derive_csp(schedule, dlboost)
        with pytest.raises(TypeError, match="not a dict"):
            heron_ms.materialize({}, {})  # type: ignore[arg-type]
