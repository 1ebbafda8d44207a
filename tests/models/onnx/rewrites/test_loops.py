"""Loops whose length is known are written out, and compute what ONNX Runtime does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper

from heron_ms.errors import UnsupportedModelError
from heron_ms.models.load import load
from tests.models.onnx.compared import both
from tests.models.onnx.models import model

node = helper.make_node


def value(name: str, shape: tuple[int, ...], dtype: int = TensorProto.FLOAT) -> Any:
    return helper.make_tensor_value_info(name, dtype, shape)


def test_scan() -> None:
    body = helper.make_graph(
        [node("Add", ["state", "element"], ["next"]), node("Mul", ["next", "next"], ["shown"])],
        "body",
        [value("state", (3,)), value("element", (3,))],
        [value("next", (3,)), value("shown", (3,))],
    )
    scan = node("Scan", ["start", "x"], ["last", "y"], "scan", body=body, num_scan_inputs=1,
                scan_input_axes=[1], scan_output_axes=[1], scan_input_directions=[1])  # fmt: skip
    inputs = {"start": ("float32", (3,)), "x": ("float32", (3, 4))}
    outputs = {"last": ("float32", 1), "y": ("float32", 2)}
    for ours, right in both(model([scan], inputs, outputs)):
        np.testing.assert_allclose(ours, right, rtol=1e-6, atol=1e-6)


def loop(count: dict[str, Any]) -> Any:
    """A model that adds the number of the step, as often as a constant or an input says."""
    body = helper.make_graph(
        [
            node("Cast", ["step"], ["number"], to=1),
            node("Add", ["state", "number"], ["next"]),
            node("Identity", ["on"], ["still"]),
            node("Neg", ["next"], ["shown"]),
        ],
        "body",
        [value("step", (), TensorProto.INT64), value("on", (), TensorProto.BOOL),
         value("state", (3,))],
        [value("still", (), TensorProto.BOOL), value("next", (3,)), value("shown", (3,))],
    )  # fmt: skip
    nodes = [node("Loop", ["count", "", "x"], ["last", "y"], "loop", body=body)]
    inputs = {"x": ("float32", (3,))} | ({} if count else {"count": ("int64", ())})
    return model(nodes, inputs, {"last": ("float32", 1), "y": ("float32", 2)}, count)


def test_loop() -> None:
    for ours, right in both(loop({"count": np.array(4)})):
        np.testing.assert_allclose(ours, right, rtol=1e-6, atol=1e-6)


def test_a_loop_of_unknown_length_is_refused() -> None:
    with pytest.raises(UnsupportedModelError, match=r"Loop \(1: loop: how often it runs"):
        load(loop({}))
