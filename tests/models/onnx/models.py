"""ONNX models for tests, of a line each."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import helper, numpy_helper

OPSET = 17


def model(
    nodes: list[Any],
    inputs: dict[str, tuple[str, Any]],
    outputs: dict[str, tuple[str, int]],
    constants: dict[str, Any] | None = None,
    opset: int = OPSET,
    domains: tuple[str, ...] = (),
) -> Any:
    """A ModelProto: inputs are (dtype, shape), outputs (dtype, rank)."""
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info(name, kind(dtype), shape)
         for name, (dtype, shape) in inputs.items()],
        [helper.make_tensor_value_info(name, kind(dtype), [f"{name}{axis}" for axis in range(rank)])
         for name, (dtype, rank) in outputs.items()],
        [numpy_helper.from_array(np.asarray(value), name)
         for name, value in (constants or {}).items()],
    )  # fmt: skip
    versions = [helper.make_opsetid("", opset), *(helper.make_opsetid(d, 1) for d in domains)]
    return helper.make_model(graph, opset_imports=versions, ir_version=9)


def kind(dtype: str) -> int:
    """ONNX's number of a dtype."""
    return int(helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))


def relu(shape: tuple[int | str, ...] = (2, 3)) -> Any:
    """ReLU of one input x to y."""
    node = helper.make_node("Relu", ["x"], ["y"])
    return model([node], {"x": ("float32", shape)}, {"y": ("float32", len(shape))})
