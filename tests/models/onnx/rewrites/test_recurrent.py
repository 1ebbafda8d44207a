"""RNN, GRU and LSTM step by step are ONNX Runtime's, with weights that are constants or inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import helper

from tests.models.onnx.compared import both
from tests.models.onnx.models import model

LENGTH, BATCH, SIZE, HIDDEN = 2, 2, 5, 4
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


def recurrent(op: str, operands: str, constant: bool = True, **options: Any) -> Any:
    """A model of one operator; ``operands``: which of b, l, h, c and p it has."""
    rng, gates = np.random.default_rng(0), GATES[op] * HIDDEN
    ways = 1 + (options.get("direction") == "bidirectional")
    shapes = {
        "w": (ways, gates, SIZE), "r": (ways, gates, HIDDEN), "b": (ways, 2 * gates),
        "h": (ways, BATCH, HIDDEN), "c": (ways, BATCH, HIDDEN), "p": (ways, 3 * HIDDEN),
    }  # fmt: skip
    values = {name: rng.standard_normal(shape).astype("float32") for name, shape in shapes.items()}
    fixed = {name: values[name] for name in "wr" + operands if name in "wrbp"}
    fixed |= {"l": np.array([2, 1], "int32")} if "l" in operands else {}
    inputs: dict[str, tuple[str, tuple[int, ...]]] = {"x": ("float32", (LENGTH, BATCH, SIZE))}
    inputs |= {name: ("float32", shapes[name]) for name in operands if name in "hc"}
    if not constant:
        inputs |= {name: ("float32", value.shape) for name, value in fixed.items() if name != "l"}
        fixed = {name: value for name, value in fixed.items() if name == "l"}
    names = ["x", "w", "r", *(name if name in operands else "" for name in "blhcp")]
    names = names[: 6 + 2 * (op == "LSTM")]
    results = ["y", "yh", *(["yc"] if op == "LSTM" else [])]
    node = helper.make_node(op, names, results, "node", hidden_size=HIDDEN, **options)
    outputs = {name: ("float32", 4 if name == "y" else 3) for name in results}
    return model([node], inputs, outputs, fixed)


CASES = {
    "rnn": recurrent("RNN", "b"),
    "rnn, relu, lengths": recurrent("RNN", "blh", direction="reverse", activations=["Relu"]),
    "gru": recurrent("GRU", "bh"),
    "gru, reset after": recurrent("GRU", "bl", linear_before_reset=1, direction="bidirectional"),
    "lstm": recurrent("LSTM", "b"),
    "lstm, reverse": recurrent("LSTM", "bhc", direction="reverse"),
    "lstm, both ways": recurrent("LSTM", "bhc", direction="bidirectional"),
    "lstm, peepholes": recurrent("LSTM", "bp"),
    "lstm, lengths": recurrent("LSTM", "blhc", direction="bidirectional"),
    "lstm, weights at run time": recurrent("LSTM", "b", constant=False),
}


@pytest.mark.parametrize("case", CASES)
def test_recurrent(case: str) -> None:
    for ours, right in both(CASES[case]):
        np.testing.assert_allclose(ours, right, rtol=1e-5, atol=1e-6)
