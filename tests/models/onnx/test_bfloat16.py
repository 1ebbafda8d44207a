"""Models of bfloat16, of which ONNX Runtime has next to nothing on a CPU."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from heron_ms.models.load import load
from heron_ms.models.reference import reference
from tests.models.onnx.models import model


def test_it_is_compared_with_itself_and_powers_are_computed(tmp_path: Path) -> None:
    """TVM's power takes float32 and float16 alone."""
    nodes = [
        helper.make_node("Cast", ["x"], ["narrow"], to=TensorProto.BFLOAT16),
        helper.make_node("Cast", ["e"], ["exponent"], to=TensorProto.BFLOAT16),
        helper.make_node("Pow", ["narrow", "exponent"], ["power"]),
        helper.make_node("Pow", ["power", "whole"], ["again"]),
        helper.make_node("Relu", ["again"], ["positive"]),
        helper.make_node("Cast", ["positive"], ["y"], to=TensorProto.FLOAT),
    ]
    constants = {"e": np.float32(2), "whole": np.int64(2)}
    made = model(nodes, {"x": ("float32", (4, 8))}, {"y": ("float32", 2)}, constants)
    path = tmp_path / "powers.onnx"
    onnx.save(made, path)
    x = np.linspace(-2, 2, 32, dtype="float32").reshape(4, 8)
    who, [found] = reference(load(path), path, [x])
    assert who == "the same model unscheduled"
    np.testing.assert_allclose(found, x**4, rtol=0.05)
