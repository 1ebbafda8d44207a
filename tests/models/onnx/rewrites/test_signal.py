"""Fourier transforms are ONNX Runtime's, or numpy's."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import helper

from tests.models.onnx.compared import both
from tests.models.onnx.models import model


@pytest.mark.parametrize(("parts", "onesided"), [(1, 0), (1, 1), (2, 0)])
def test_dft(parts: int, onesided: int) -> None:
    nodes = [helper.make_node("DFT", ["x"], ["y"], axis=1, onesided=onesided)]
    transformed = model(nodes, {"x": ("float32", (2, 10, parts))}, {"y": ("float32", 3)})
    ((ours, right),) = both(transformed)
    np.testing.assert_allclose(ours, right, rtol=1e-4, atol=1e-4)


def test_stft() -> None:
    constants = {"step": np.array(4), "window": np.hanning(16).astype("float32")}
    nodes = [helper.make_node("STFT", ["x", "step", "window"], ["y"])]
    ((ours, right),) = both(
        model(nodes, {"x": ("float32", (2, 40, 1))}, {"y": ("float32", 4)}, constants)
    )
    np.testing.assert_allclose(ours, right, rtol=1e-4, atol=1e-4)
