"""Where the blocks of stock's sketches are computed is a choice between sketches."""

from __future__ import annotations

import numpy as np
import pytest
from tvm import te, topi

from heron_ms import generate_sketches
from heron_ms._tvm import IRModule
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.hardware import cpu_named
from heron_ms.space_generators.located import MOST
from heron_ms.testing import spread

CPU = cpu_named("cascadelake")


@pytest.fixture(scope="module")
def sketches() -> list[ConstrainedSketch]:
    """Of a softmax, which maps to nothing."""
    return [constrain(sketch, CPU) for sketch in generate_sketches(softmax(), CPU.target(1))]


def softmax() -> IRModule:
    x = te.placeholder((20, 32), "float32", "x")
    return IRModule({"main": te.create_prim_func([x, topi.nn.softmax(x)])})


def test_no_location_is_a_decision(sketches: list[ConstrainedSketch]) -> None:
    traces = [str(sketch.sketch.trace) for sketch in sketches]
    assert not any("sample_compute_location" in trace for trace in traces)
    assert any("compute_at" in trace for trace in traces)
    assert any("compute_inline" in trace for trace in traces)
    assert not any("sampled location" in note for sketch in sketches for note in sketch.notes)


def test_each_is_another_and_they_are_the_same_each_time(sketches: list[ConstrainedSketch]) -> None:
    keys = [sketch.key for sketch in sketches]
    assert 9 < len(keys) == len(set(keys)) <= MOST
    assert keys == [sketch.key() for sketch in generate_sketches(softmax(), CPU.target(1))]


def test_what_is_asked_for_is_what_comes_out(sketches: list[ConstrainedSketch]) -> None:
    drawn = list(spread(sketches, 80, np.random.default_rng(0)))
    assert len(drawn) == 80
    for at, assignment in drawn:
        sketches[at].materialize(assignment)
