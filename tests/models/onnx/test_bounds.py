"""A Clip of any version is ONNX Runtime's, and operators that passes know."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import helper

from heron_ms.models.load import load
from tests.models.onnx.compared import both
from tests.models.onnx.models import model

BOUNDS = {"both": (-0.5, 0.25), "low": (-0.5, None), "high": (None, 0.25), "crossed": (0.5, -0.5),
          "not a number": (np.nan, 0.25)}  # fmt: skip


def clipped(low: float | None, high: float | None, opset: int) -> Any:
    bounds = (("min", low), ("max", high))
    given: dict[str, Any] = {name: value for name, value in bounds if value is not None}
    inputs = {name: ("float32", (3, 5)) for name in "x"}
    outputs = {"y": ("float32", 2)}
    if opset < 11:
        node = helper.make_node("Clip", ["x"], ["y"], "node", **given)
        return model([node], inputs, outputs, opset=opset)
    names = [name if name in given else "" for name in ("min", "max")]
    constants = {name: np.float32(value) for name, value in given.items()}
    return model([helper.make_node("Clip", ["x", *names], ["y"], "node")], inputs, outputs,
                 constants, opset)  # fmt: skip


@pytest.mark.parametrize(
    ("bounds", "opset"),
    # As attributes, ONNX Runtime takes numbers in order only.
    [*((bounds, 13) for bounds in BOUNDS), ("both", 6), ("low", 6), ("high", 6)],
)
def test_a_clip(bounds: str, opset: int) -> None:
    net = clipped(*BOUNDS[bounds], opset)
    ((ours, right),) = both(net)
    np.testing.assert_array_equal(ours, right)
    assert "call_tir" not in load(net).mod.script()
