"""What is moved and repeated ends up where ONNX Runtime puts it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import helper

from heron_ms.errors import UnsupportedModelError
from heron_ms.models.load import load
from tests.models.onnx.compared import both
from tests.models.onnx.models import model


def one(op: str, shape: tuple[int, ...], constants: dict[str, Any], rank: int, **more: Any) -> Any:
    """A model of one operator on x and constants."""
    nodes = [helper.make_node(op, ["x", *constants], ["y"], "node", **more)]
    return model(nodes, {"x": ("float32", shape)}, {"y": ("float32", rank)}, constants, 18)


CASES = {
    "expand": one("Expand", (3, 1), {"s": np.array([2, 1, 6])}, 3),
    "reverse": one("ReverseSequence", (4, 3, 2), {"l": np.array([1, 4, 2])}, 3),
    "reverse, batch first": one("ReverseSequence", (3, 4), {"l": np.array([1, 4, 2])}, 2,
                                batch_axis=0, time_axis=1),
    "windows": one("Col2Im", (1, 8, 12), {"i": np.array([4, 5]), "b": np.array([2, 2])}, 4),
    "windows, padded": one("Col2Im", (2, 12, 15), {"i": np.array([5, 5]), "b": np.array([2, 3])},
                           4, pads=[0, 1, 1, 1], strides=[2, 1]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_moved(case: str) -> None:
    ((ours, right),) = both(CASES[case])
    np.testing.assert_allclose(ours, right, rtol=1e-6, atol=1e-6)


def test_a_padding_that_is_given_at_run_time() -> None:
    nodes = [helper.make_node("Pad", ["x", "pads", "value"], ["y"])]
    given = {"x": ("float32", (2, 3)), "value": ("float32", ())}
    padded = model(nodes, given, {"y": ("float32", 2)}, {"pads": np.array([1, 0, 0, 2])})
    ((ours, right),) = both(padded)
    np.testing.assert_array_equal(ours, right)


def test_a_shape_that_is_given_at_run_time_is_refused() -> None:
    nodes = [helper.make_node("Expand", ["x", "shape"], ["y"], "grow")]
    given = {"x": ("float32", (3, 1)), "shape": ("int64", (2,))}
    with pytest.raises(UnsupportedModelError, match=r"Expand \(1: grow: the shape is known only"):
        load(model(nodes, given, {"y": ("float32", 2)}))
