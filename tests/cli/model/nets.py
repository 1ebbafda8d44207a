"""Small ONNX models: an MLP of open batch, convolutions with a batch norm, a table of words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def mlp(path: Path, scale: float = 0.2) -> Path:
    """``y = relu(x w1 + b1) w2``; x is batch x 12."""
    nodes = [
        helper.make_node("Gemm", ["x", "w1", "b1"], ["h"]),
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("MatMul", ["r", "w2"], ["y"]),
    ]
    weights = _weights(scale, w1=(12, 16), b1=(16,), w2=(16, 10))
    return _saved(path, nodes, _tensor("x", "batch", 12), _tensor("y", "batch", 10), weights)


def convolutions(path: Path) -> Path:
    """Two convolutions, the first with a batch norm and ReLU; x is 1 x 3 x 8 x 8."""
    nodes = [
        helper.make_node("Conv", ["x", "w1"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("BatchNormalization", ["c", "scale", "bias", "mean", "var"], ["n"]),
        helper.make_node("Relu", ["n"], ["r"]),
        helper.make_node("Conv", ["r", "w2"], ["y"], pads=[1, 1, 1, 1]),
    ]
    weights = _weights(
        0.2, w1=(16, 3, 3, 3), scale=(16,), bias=(16,), mean=(16,), w2=(16, 16, 3, 3)
    )
    weights.append(numpy_helper.from_array(np.full(16, 0.8, "float32"), "var"))
    return _saved(path, nodes, _tensor("x", 1, 3, 8, 8), _tensor("y", 1, 16, 8, 8), weights)


def words(path: Path) -> Path:
    """Rows of a table of 5 by indices of 1 x 7, times a mask of integers."""
    nodes = [
        helper.make_node("Gather", ["table", "i"], ["e"], axis=0),
        helper.make_node("Cast", ["mask"], ["m"], to=FLOAT),
        helper.make_node("Mul", ["e", "m"], ["y"]),
    ]
    inputs = [_tensor("i", 1, 7, kind=INT64), _tensor("mask", 1, 7, 1, kind=INT64)]
    return _saved(path, nodes, inputs, _tensor("y", 1, 7, 4), _weights(1.0, table=(5, 4)))


def unsupported(path: Path) -> Path:
    """An operator that TVM's importer lacks."""
    nodes = [helper.make_node("Det", ["x"], ["y"])]
    return _saved(path, nodes, _tensor("x", 4, 4), _tensor("y"), [])


def identity(path: Path) -> Path:
    """Nothing to compute: y is x, 2 x 3."""
    nodes = [helper.make_node("Identity", ["x"], ["y"])]
    return _saved(path, nodes, _tensor("x", 2, 3), _tensor("y", 2, 3), [])


def without_output(path: Path) -> Path:
    """A ReLU that nobody asks for."""
    nodes = [helper.make_node("Relu", ["x"], ["y"])]
    return _saved(path, nodes, _tensor("x", 2, 3), [], [])


def mismatched(path: Path) -> Path:
    """A product of matrices whose sizes do not fit."""
    nodes = [helper.make_node("MatMul", ["a", "b"], ["y"])]
    return _saved(path, nodes, [_tensor("a", 3, 4), _tensor("b", 5, 6)], _tensor("y", 3, 6), [])


def empty(path: Path) -> Path:
    """An input without an element, 0 x 3."""
    nodes = [helper.make_node("Relu", ["x"], ["y"])]
    return _saved(path, nodes, _tensor("x", 0, 3), _tensor("y", 0, 3), [])


def _tensor(name: str, *shape: int | str, kind: int = FLOAT) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)


def _weights(spread: float, **shapes: tuple[int, ...]) -> list[Any]:
    rng = np.random.default_rng(0)
    return [
        numpy_helper.from_array((spread * rng.standard_normal(shape)).astype("float32"), name)
        for name, shape in shapes.items()
    ]


def _saved(path: Path, nodes: list[Any], inputs: Any, outputs: Any, weights: list[Any]) -> Path:
    given, made = (one if isinstance(one, list) else [one] for one in (inputs, outputs))
    graph = helper.make_graph(nodes, "net", given, made, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(path))
    return path
