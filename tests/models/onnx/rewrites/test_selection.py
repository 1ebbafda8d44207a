"""What is chosen by its place is what ONNX Runtime chooses, of the same type."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import helper

from tests.models.onnx.compared import both
from tests.models.onnx.models import model


@pytest.mark.parametrize("axis", [-1, 0, 1])
@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_one_hot(axis: int, dtype: str) -> None:
    nodes = [
        helper.make_node("Cast", ["x"], ["i"], to=7),
        helper.make_node("OneHot", ["i", "depth", "values"], ["y"], axis=axis),
    ]
    given = {"x": ("int8", (50, 3))}  # most are out of range: off
    constants = {"depth": np.int64(90), "values": np.array([2, 5], dtype)}
    ((ours, right),) = both(model(nodes, given, {"y": (dtype, 3)}, constants))
    assert ours.dtype == right.dtype
    np.testing.assert_array_equal(ours, right)
