"""`tune-model --target tensorcore:a100`: a transformer layer of halves, with all its products."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from heron_ms.cli import main
from tests.models.integers.quantised import node
from tests.tensorcore.programs import needs_nvcc

ROWS, WIDTH, HEADS, INNER = 32, 64, 2, 128
PRODUCTS = 8
"""Of queries, keys and values, of each with another, and of four layers."""


def _linear(source: str, to: str, weight: str) -> list[Any]:
    product = node("MatMul", f"{source} {weight}", f"{to}_p")
    return [product, node("Add", f"{to}_p {weight}_bias", to)]


def _heads(source: str, to: str, order: list[int]) -> list[Any]:
    split = node("Reshape", f"{source} heads", f"{to}_s")
    return [split, node("Transpose", f"{to}_s", to, perm=order)]


def _attention() -> list[Any]:
    linear = [step for name in "qkv" for step in _linear("n1", name, f"w{name}")]
    split = [*_heads("q", "q_h", [0, 2, 1, 3]), *_heads("k", "k_h", [0, 2, 3, 1])]
    weighed = [
        node("MatMul", "q_h k_h", "s"),
        node("Mul", "s scale", "s_m"),
        node("Softmax", "s_m", "p", axis=-1),
        node("MatMul", "p v_h", "o"),
        node("Transpose", "o", "o_t", perm=[0, 2, 1, 3]),
        node("Reshape", "o_t whole", "o_w"),
    ]
    return [*linear, *split, *_heads("v", "v_h", [0, 2, 1, 3]), *weighed]


def _layer() -> list[Any]:
    gelu = [
        node("Div", "h root", "h_d"),
        node("Erf", "h_d", "h_e"),
        node("Add", "h_e one", "h_a"),
        node("Mul", "h h_a", "h_m"),
        node("Mul", "h_m half", "h_g"),
    ]
    return [
        node("LayerNormalization", "x gamma beta", "n1", axis=-1),
        *_attention(),
        *_linear("o_w", "a", "wo"),
        node("Add", "a x", "r"),
        node("LayerNormalization", "r gamma beta", "n2", axis=-1),
        *_linear("n2", "h", "w1"),
        *gelu,
        *_linear("h_g", "f", "w2"),
        node("Add", "f r", "y"),
    ]


def _constants() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    sides = {"w1": (WIDTH, INNER), "w2": (INNER, WIDTH)}
    sides |= {name: (WIDTH, WIDTH) for name in ("wq", "wk", "wv", "wo")}
    weights = {name: rng.standard_normal(side) / 8 for name, side in sides.items()}
    biases = {f"{name}_bias": rng.standard_normal(side[1]) / 8 for name, side in sides.items()}
    numbers = {"scale": (WIDTH // HEADS) ** -0.5, "root": 2**0.5, "one": 1.0, "half": 0.5}
    norms = {"gamma": np.ones(WIDTH), "beta": np.zeros(WIDTH)}
    halves = {**weights, **biases, **norms, **numbers}
    shapes = {"heads": [1, ROWS, HEADS, WIDTH // HEADS], "whole": [1, ROWS, WIDTH]}
    return {
        **{name: np.asarray(value, np.float16) for name, value in halves.items()},
        **{name: np.asarray(shape, np.int64) for name, shape in shapes.items()},
    }


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    """A layer of attention and of two products with a GELU, both with norms and residuals."""
    given, made = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT16, (1, ROWS, WIDTH)) for name in "xy"
    )
    constants = [numpy_helper.from_array(value, name) for name, value in _constants().items()]
    graph = helper.make_graph(_layer(), "layer", [given], [made], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    path = tmp_path / "layer.onnx"
    onnx.save(onnx.shape_inference.infer_shapes(model, strict_mode=True), path)
    return path


@pytest.mark.slow
@needs_nvcc
def test_every_product_of_a_layer_is_on_tensor_cores(
    layer: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "told.json"
    line = f"tune-model {layer} --target tensorcore:a100 --trials 10 --seed 0"
    assert main([*line.split(), "--work-dir", str(tmp_path / "w"), "--json", str(file)]) == 0
    out, _ = capfd.readouterr()
    assert "PASS" in out and "compiled and emulated, not run on a GPU" in out
    tasks = json.loads(file.read_text())["tasks"]
    mapped = [task for task in tasks if task["mapped"]]
    assert sum(task["calls"] for task in mapped) == PRODUCTS
    assert all(task["latency_ms"] for task in mapped)
    assert not any("matmul" in task["task"] for task in tasks if not task["mapped"])
