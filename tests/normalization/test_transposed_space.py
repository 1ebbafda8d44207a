"""What the space makes of a transposed convolution's phases computes what numpy computes."""

from __future__ import annotations

import numpy as np
import pytest

import heron_ms
from heron_ms.constraints import constrain
from heron_ms.hardware import host
from heron_ms.sketch import Sketch
from heron_ms.space_generators.plan import plan_of
from tests.normalization.transposed_forms import FORMS, Axis, Transposed, compute

pytestmark = pytest.mark.vnni
DTYPES = ("uint8", "int8", "int32")
ROW = Transposed(1, Axis(3, 1, 1, 0, 0), Axis(6, 3, 2, 1, 1), 8, 16, DTYPES)
PLANE = Transposed(1, Axis(7, 3, 2, 1, 1), Axis(6, 4, 2, 1, 0), 16, 32, DTYPES)


def _check(form: str, of: Transposed, blocks: int, most: int) -> None:
    machine = host().with_cores(1)
    mod = heron_ms.normalize(FORMS[form](of))
    sketches = plan_of(mod, machine).sketches
    assert {len(planned.blocks) for planned in sketches} == {blocks}
    a, b = of.arrays(np.random.default_rng(0))
    for planned in sketches[:most]:
        sketch = constrain(Sketch(mod, planned.schedule.trace), machine)
        (assignment,) = sketch.problem.sample(1, np.random.default_rng(0))
        sch = sketch.materialize(assignment)
        got = compute(sch.mod, form, of, a, b, machine.target())
        np.testing.assert_array_equal(got, of.reference(a, b))


def test_a_random_candidate_is_exact() -> None:
    _check("padded first", ROW, 2, 1)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_every_sketch_of_every_form_is_exact(form: str) -> None:
    _check(form, PLANE, 4, 100)
