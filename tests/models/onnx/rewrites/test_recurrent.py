"""An LSTM step by step is ONNX Runtime's."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import helper

from tests.models.onnx.compared import both
from tests.models.onnx.models import model

LENGTH, BATCH, SIZE, HIDDEN = 2, 2, 5, 4


@pytest.mark.parametrize(
    ("direction", "initial"), [("forward", False), ("reverse", True), ("bidirectional", True)]
)
def test_lstm(direction: str, initial: bool) -> None:
    rng, ways = np.random.default_rng(0), 1 + (direction == "bidirectional")
    shapes = {"w": (4 * HIDDEN, SIZE), "r": (4 * HIDDEN, HIDDEN), "b": (8 * HIDDEN,)}
    constants = {
        name: rng.standard_normal((ways, *shape)).astype("float32")
        for name, shape in shapes.items()
    }
    names = ["x", "w", "r", "b", *(["", "h", "c"] if initial else [])]
    node = helper.make_node(
        "LSTM", names, ["y", "yh", "yc"], "node", hidden_size=HIDDEN, direction=direction
    )
    state = ("float32", (ways, BATCH, HIDDEN))
    inputs = {
        "x": ("float32", (LENGTH, BATCH, SIZE)),
        **({"h": state, "c": state} if initial else {}),
    }
    outputs = {"y": ("float32", 4), "yh": ("float32", 3), "yc": ("float32", 3)}
    for ours, right in both(model([node], inputs, outputs, constants)):
        np.testing.assert_allclose(ours, right, rtol=1e-5, atol=1e-6)
