"""Padding that a node leaves to be computed is ONNX Runtime's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import helper

from tests.models.onnx.compared import both
from tests.models.onnx.models import model

RNG = np.random.default_rng(0)
IMAGE = ("float32", (1, 3, 6, 7))
WEIGHTS = {
    "Conv": RNG.standard_normal((4, 3, 3, 2)).astype("float32"),
    "ConvTranspose": RNG.standard_normal((3, 4, 3, 2)).astype("float32"),
}


def one(op: str, **options: Any) -> Any:
    """A model of one operator on an image."""
    weights = {"w": WEIGHTS[op]} if op in WEIGHTS else {}
    nodes = [helper.make_node(op, ["x", *weights], ["y"], "node", **options)]
    return model(nodes, {"x": IMAGE}, {"y": ("float32", 4)}, weights)


@pytest.mark.parametrize("mode", ["SAME_LOWER", "SAME_UPPER"])
@pytest.mark.parametrize("strides", [(1, 1), (2, 2)])
@pytest.mark.parametrize("op", ["MaxPool", "AveragePool", "LpPool", "Conv"])
def test_an_output_of_the_same_size(op: str, strides: tuple[int, int], mode: str) -> None:
    kernel = {} if op in WEIGHTS else {"kernel_shape": [2, 4]}
    ((ours, right),) = both(one(op, auto_pad=mode, strides=strides, **kernel))
    np.testing.assert_allclose(ours, right, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("mode", ["NOTSET", "SAME_LOWER", "SAME_UPPER"])
@pytest.mark.parametrize("shape", [(12, 14), (11, 13), (14, 15)])
def test_an_output_shape(shape: tuple[int, int], mode: str) -> None:
    stretched = one("ConvTranspose", output_shape=shape, strides=[2, 2], auto_pad=mode)
    ((ours, right),) = both(stretched)
    assert ours.shape == (1, 4, *shape)
    np.testing.assert_allclose(ours, right, rtol=1e-5, atol=1e-5)
