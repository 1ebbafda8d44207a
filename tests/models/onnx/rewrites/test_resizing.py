"""Images of another size are ONNX Runtime's, by scales and by sizes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import helper

from tests.models.onnx.compared import both
from tests.models.onnx.models import model


def resized(constants: dict[str, Any], opset: int = 18, **more: Any) -> Any:
    """A model of one Resize of 1x2x6x7."""
    names = ["x", "", *(name if name in constants else "" for name in ("scales", "sizes"))]
    names = names if names[-1] else names[:-1]
    nodes = [helper.make_node("Resize", names, ["y"], "node", **more)]
    return model(nodes, {"x": ("float32", (1, 2, 6, 7))}, {"y": ("float32", 4)}, constants, opset)


SMALLER = {"scales": np.array([1, 1, 0.6, 0.8], "float32")}
LARGER = {"sizes": np.array([1, 2, 9, 11])}
CASES = {
    "nearest": resized(SMALLER),
    "nearest, to sizes": resized(LARGER, mode="nearest", nearest_mode="floor",
                                 coordinate_transformation_mode="asymmetric"),
    "linear": resized(SMALLER, mode="linear"),
    "linear, to sizes": resized(LARGER, mode="linear"),
    "linear, corners": resized(LARGER, mode="linear",
                               coordinate_transformation_mode="align_corners"),
    "cubic": resized(LARGER, mode="cubic"),
    "cubic inside": resized(SMALLER, mode="cubic", cubic_coeff_a=-0.5, exclude_outside=1),
    "antialias": resized(SMALLER, mode="linear", antialias=1),
    "named axes": resized({"sizes": np.array([9, 14])}, mode="linear", axes=[2, 3]),
    "twice as large": resized({"scales": np.array([1, 1, 2, 2], "float32")}, 13),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_resize(case: str) -> None:
    ((ours, right),) = both(CASES[case])
    np.testing.assert_allclose(ours, right, rtol=1e-4, atol=1e-5)
