"""What a graph computes from shapes is folded, what has a body is expanded, the rest is named."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import helper

from heron_ms._tvm import collect, relax
from heron_ms.errors import UnsupportedModelError
from heron_ms.models.load import load
from tests.models.onnx.compared import both
from tests.models.onnx.models import model

node = helper.make_node
X = {"x": ("float32", (2, 3, 4))}
FIRST = {"zero": np.array([0]), "rest": np.array([-1])}


def test_a_shape_that_the_graph_computes() -> None:
    nodes = [
        node("Shape", ["x"], ["shape"]),
        node("Gather", ["shape", "zero"], ["rows"]),
        node("Concat", ["rows", "rest"], ["wanted"], axis=0),
        node("Reshape", ["x", "wanted"], ["y"]),
    ]
    folded = model(nodes, X, {"y": ("float32", 2)}, FIRST)
    assert len(collect(load(folded).mod["main"], relax.Call)) == 1
    ((ours, right),) = both(folded)
    assert ours.shape == (2, 12)
    np.testing.assert_array_equal(ours, right)


def test_a_weight_that_is_quantised_stays_so() -> None:
    weights = {"w": np.ones((4, 5), "int8"), "s": np.float32(0.5), "z": np.int8(0)}
    nodes = [node("DequantizeLinear", ["w", "s", "z"], ["f"]), node("MatMul", ["x", "f"], ["y"])]
    assert "R.dequantize" in str(load(model(nodes, X, {"y": ("float32", 3)}, weights)).mod)


def test_an_operator_that_others_define() -> None:
    expanded = model([node("Celu", ["x"], ["y"], alpha=2.0)], X, {"y": ("float32", 3)})
    ((ours, right),) = both(expanded)
    np.testing.assert_allclose(ours, right, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("size", [2, 5])
def test_a_branch_that_the_shape_decides(size: int) -> None:
    value = helper.make_tensor_value_info("same", 1, None)
    branches = {
        f"{name}_branch": helper.make_graph([node(op, ["x"], ["same"])], name, [], [value])
        for name, op in (("then", "Neg"), ("else", "Abs"))
    }
    nodes = [
        node("Shape", ["x"], ["shape"]),
        node("Gather", ["shape", "zero"], ["rows"]),
        node("Greater", ["rows", "three"], ["many"]),
        node("Squeeze", ["many"], ["one"]),
        node("If", ["one"], ["y"], **branches),
    ]
    constants = {"zero": FIRST["zero"], "three": np.array([3])}
    ((ours, right),) = both(
        model(nodes, {"x": ("float32", (size, 3))}, {"y": ("float32", 2)}, constants)
    )
    np.testing.assert_array_equal(ours, right)


def test_branches_that_stay_open_are_walked_over() -> None:
    value = helper.make_tensor_value_info("same", 1, None)
    ops = {"then": ("Celu", "a"), "else": ("Abs", "a")}
    branches = {
        f"{name}_branch": helper.make_graph(
            [node(op, ["x"], [inner]), node("Shape", [inner], ["s"]),
             node("Reshape", [inner, "s"], ["same"])], name, [], [value])
        for name, (op, inner) in ops.items()
    }  # fmt: skip
    nodes = [
        node("ReduceMax", ["x"], ["most"], keepdims=0),
        node("Greater", ["most", "limit"], ["many"]),
        node("If", ["many"], ["y"], **branches),
    ]
    for limit in (-100, 100):
        constants = {"limit": np.float32(limit)}
        ((ours, right),) = both(model(nodes, X, {"y": ("float32", 3)}, constants))
        np.testing.assert_allclose(ours, right, rtol=1e-5, atol=1e-6)


def test_what_cannot_be_had_is_listed() -> None:
    nodes = [
        node("Relu", ["x"], ["a"]),
        node("Det", ["a"], ["b"], "first"),
        node("Det", ["a"], ["c"]),
        node("Own", ["b", "c"], ["y"], "mine", domain="some.where"),
    ]
    refused = model(nodes, X, {"y": ("float32", 1)}, domains=("some.where",))
    said = r"Det \(2: first, the one that makes c\), Own of some.where \(1: mine\)"
    with pytest.raises(UnsupportedModelError, match=said):
        load(refused)


def test_constants_whose_rows_have_no_elements_are_refused() -> None:
    lower = model(
        [node("Trilu", ["x"], ["y"])], {"x": ("float32", (3, 0, 5))}, {"y": ("float32", 3)}
    )
    with pytest.raises(UnsupportedModelError, match="no elements"):
        load(lower)
