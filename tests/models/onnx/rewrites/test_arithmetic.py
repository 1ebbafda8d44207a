"""Arithmetic that is rewritten is ONNX Runtime's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import helper

from tests.models.onnx.compared import both
from tests.models.onnx.models import model

ROWS = ("float32", (4, 30))
AWAY = np.linspace(-30, 40, 120, dtype="float32").reshape(4, 30)


def one(op: str, constants: dict[str, Any], dtype: str = "float32", **options: Any) -> Any:
    """A model of one operator on x and constants; x is spread over more than its usual range."""
    nodes = [
        helper.make_node("Add", ["x", "away"], ["wide"]),
        helper.make_node(op, ["wide", *constants], ["y"], "node", **options),
    ]
    opset = 18 if op == "Mish" else 17
    return model(nodes, {"x": ROWS}, {"y": (dtype, 2)}, {"away": AWAY, **constants}, opset)


CASES = {
    "mish": one("Mish", {}),
    "softplus": one("Softplus", {}),
    "norm 1": one("LpNormalization", {}, p=1, axis=0),
    "norm 2": one("LpNormalization", {}),
    "power of an integer": one("Pow", {"e": np.array(2, "int64")}),
    "one sign of infinity": one("IsInf", {}, "bool", detect_negative=0),
    "remainder": one("Mod", {"d": np.float32(-3.5)}, fmod=1),
}


@pytest.mark.parametrize("case", CASES)
def test_floats(case: str) -> None:
    ((ours, right),) = both(CASES[case])
    assert ours.dtype == right.dtype
    np.testing.assert_allclose(ours, right, rtol=1e-5, atol=1e-9)


def test_an_infinite_row_has_an_infinite_maximum() -> None:
    mask = np.where(np.arange(4) > 1, -np.inf, 0).astype("float32")[:, None]
    nodes = [
        helper.make_node("Add", ["x", "mask"], ["masked"]),
        helper.make_node("ReduceMax", ["masked"], ["y"], axes=[1]),
    ]
    ((ours, right),) = both(model(nodes, {"x": ROWS}, {"y": ("float32", 2)}, {"mask": mask}))
    assert np.isinf(right).sum() == 2
    np.testing.assert_array_equal(ours, right)


def test_shifts_beyond_the_width_leave_nothing() -> None:
    by = np.array([0, 3, 7, 8, 200], "uint8")
    nodes = [helper.make_node("BitShift", ["x", "by"], ["y"], direction="LEFT")]
    shifted = model(nodes, {"x": ("uint8", (6, 5))}, {"y": ("uint8", 2)}, {"by": by})
    ((ours, right),) = both(shifted)
    np.testing.assert_array_equal(ours[:, :3], right[:, :3])
    assert not ours[:, 3:].any()
