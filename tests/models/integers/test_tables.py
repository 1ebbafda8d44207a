"""Functions between dequantise and quantise become tables, right within one step of rounding."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tvm.relax.frontend.onnx import from_onnx

from heron_ms.models.integers import integers
from tests.models.integers.quantised import (
    S8,
    U8,
    Comparison,
    network,
    node,
    statically,
    tasks,
    weights,
)

SHAPE = (1, 8, 6, 6)


FUNCTIONS: dict[str, list[Any]] = {
    "sigmoid": [node("Sigmoid", "c", "f")],
    "tanh": [node("Tanh", "c", "f")],
    "leaky": [node("LeakyRelu", "c", "f", alpha=0.1)],
    "hard swish": [node("HardSwish", "c", "f")],
    "gelu": [
        node("Div", "c root", "g"),
        node("Erf", "g", "e"),
        node("Add", "e one", "s"),
        node("Mul", "c s", "m"),
        node("Mul", "m half", "f"),
    ],
}


def between_convolutions(name: str) -> Any:
    """Only convolutions are quantised, so that the function stays float in between."""
    nodes = [node("Conv", "x w", "c"), *FUNCTIONS[name], node("Conv", "f v", "y")]
    numbers = {"root": 2**0.5, "one": 1.0, "half": 0.5} if name == "gelu" else {}
    scalars = {key: np.asarray(value, "float32") for key, value in numbers.items()}
    return network(nodes, weights(w=(8, 8, 1, 1), v=(8, 8, 1, 1)) | scalars, SHAPE)


@pytest.mark.parametrize("activation", [U8, S8])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_of_bytes_is_a_table(name: str, activation: Any) -> None:
    quantised = statically(
        between_convolutions(name), activation_type=activation, op_types_to_quantize=["Conv"]
    )
    comparison = Comparison(quantised)
    # One entry that is a step off, as exponentials differ, moves every sum that it is in.
    assert comparison.steps.max() <= 2
    assert (comparison.steps > 0).mean() <= 0.05
    # What reads the input, two products, a table: none of them writes floats but the last.
    made = tasks(comparison.mod)
    assert sum("table" in task for task in made) == 1, list(made)
    assert not any(word in task for task in made for word in ("sigmoid", "tanh", "erf", "leaky"))


def test_a_function_of_two_tensors_is_none() -> None:
    nodes = [
        node("Conv", "x w", "c"),
        node("Sigmoid", "c", "s"),
        node("Conv", "x u", "d"),
        node("Mul", "s d", "f"),
        node("Conv", "f v", "y"),
    ]
    model = network(nodes, weights(w=(8, 8, 1, 1), u=(8, 8, 1, 1), v=(8, 8, 1, 1)), SHAPE)
    quantised = statically(model, op_types_to_quantize=["Conv"])
    comparison = Comparison(quantised)
    assert comparison.steps.max() <= 2
    assert "table" not in str(integers(from_onnx(quantised)))
