"""Operators of 16-bit floats for which TVM has code of 32 bits alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import helper

from tests.models.onnx.compared import both
from tests.models.onnx.models import model

CASES: dict[str, dict[str, Any]] = {
    "Acos": {},
    "Acosh": {},
    "Asin": {},
    "Asinh": {},
    "Atan": {},
    "Cosh": {},
    "Mod": {"fmod": 1},
    "Round": {},
    "Sinh": {},
    "ThresholdedRelu": {"alpha": 0.5},
}


@pytest.mark.parametrize("operator", CASES)
def test_they_are_computed_in_float32(operator: str) -> None:
    divisor = {"d": np.float16(0.75)} if operator == "Mod" else {}
    node = helper.make_node(operator, ["x", *divisor], ["y"], **CASES[operator])
    made = model([node], {"x": ("float16", (4, 30))}, {"y": ("float16", 2)}, divisor)
    ((ours, right),) = both(made)
    assert ours.dtype == right.dtype
    np.testing.assert_allclose(ours, right, rtol=2**-10)
