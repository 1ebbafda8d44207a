"""What lies between products: pools, residuals, concats, movement, tensors with many readers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import helper
from tvm.relax.frontend.onnx import from_onnx

from heron_ms.models.integers import integers
from tests.models.integers.quantised import (
    S8,
    U8,
    Comparison,
    computed,
    dynamically,
    expected,
    floats_in,
    mapped,
    network,
    sample,
    statically,
    tasks,
    weights,
)

SHAPE = (2, 8, 10, 10)
POOLS: list[tuple[str, dict[str, Any]]] = [
    ("MaxPool", {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}),
    ("AveragePool", {"kernel_shape": [2, 2], "strides": [2, 2]}),
    ("AveragePool", {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}),
    ("AveragePool", {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "count_include_pad": 1}),
    ("GlobalAveragePool", {}),
]


def node(operator: str, inputs: str, output: str, **attributes: Any) -> Any:
    return helper.make_node(operator, inputs.split(), [output], **attributes)


@pytest.mark.parametrize("activation", [U8, S8])
@pytest.mark.parametrize(("operator", "attributes"), POOLS, ids=str)
def test_pools_read_and_write_8_bits(
    activation: Any, operator: str, attributes: dict[str, Any]
) -> None:
    nodes = [node("Conv", "x w", "c"), node(operator, "c", "y", **attributes)]
    model = network(nodes, weights(w=(8, 8, 1, 1)), SHAPE)
    comparison = Comparison(statically(model, activation_type=activation))
    kinds = ("nn.max_pool2d", "nn.avg_pool2d", "mean")
    assert not any(floats_in(comparison.mod, kind) for kind in kinds)
    assert comparison.steps.max() <= 1
    # A quarter of the averages of four integers are ties, which floats break by their errors.
    assert (comparison.steps > 0).mean() <= 0.125


def residual() -> Any:
    nodes = [
        node("Conv", "x w", "c", pads=[1, 1, 1, 1]),
        node("Conv", "c v", "d"),
        node("Add", "c d", "a"),
        node("Relu", "a", "r"),
        node("Concat", "r c", "n", axis=1),
        node("Transpose", "n", "t", perm=[0, 2, 3, 1]),
        node("MatMul", "t u", "y"),
    ]
    return network(nodes, weights(w=(8, 8, 3, 3), v=(8, 8, 1, 1), u=(16, 8)), SHAPE)


def test_a_shared_tensor_is_read_as_8_bits_by_all() -> None:
    comparison = Comparison(statically(residual(), per_channel=True))
    assert comparison.steps.max() <= 1
    assert len(mapped(comparison.mod)) == 3
    writes = {name: str(f.params[-1].ty.dtype) for name, f in tasks(comparison.mod).items()}
    assert sum("float32" in dtype for dtype in writes.values()) <= 1, writes


def test_a_tensor_that_floats_read_too_stays_right() -> None:
    nodes = [
        node("Conv", "x w", "c"),
        node("Softmax", "c", "s", axis=1),
        node("Conv", "c v", "d", pads=[1, 1, 1, 1]),
        node("Mul", "s d", "y"),
    ]
    model = network(nodes, weights(w=(8, 8, 1, 1), v=(8, 8, 3, 3)), SHAPE)
    comparison = Comparison(statically(model))
    # A softmax that differs by one step is multiplied by up to two steps of the output.
    assert comparison.steps.max() <= 2
    assert (comparison.steps > 0).mean() <= 0.05
    assert len(mapped(comparison.mod)) == 2


def test_a_bound_becomes_one_of_integers() -> None:
    nodes = [node("Conv", "x w", "c"), node("Clip", "c low high", "y")]
    bounds = {"low": np.float32(-0.5).reshape(()), "high": np.float32(0.7).reshape(())}
    model = network(nodes, weights(w=(8, 8, 1, 1)) | bounds, SHAPE)
    comparison = Comparison(statically(model))
    assert comparison.steps.max() <= 1
    assert len(mapped(comparison.mod)) == 1


@pytest.mark.parametrize("weight", [U8, S8])
@pytest.mark.parametrize("per_channel", [False, True])
def test_zero_points_of_run_time_come_off_the_sum(weight: Any, per_channel: bool) -> None:
    nodes = [node("MatMul", "x w", "m"), node("Relu", "m", "r"), node("MatMul", "r v", "y")]
    model = network(nodes, weights(w=(32, 48), v=(48, 16)), (10, 32))
    quantised = dynamically(model, weight_type=weight, per_channel=per_channel)
    comparison = _dynamic(quantised, (10, 32))
    assert len(comparison) == 2


def test_a_model_of_unknown_batch_stays_as_it_is() -> None:
    model = statically(network([node("Conv", "x w", "y")], weights(w=(8, 8, 1, 1)), SHAPE))
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "n"
    assert floats_in(integers(from_onnx(model)), "nn.conv2d")


def _dynamic(model: Any, shape: tuple[int, ...]) -> dict[str, str]:
    mod, x = integers(from_onnx(model)), sample(shape)
    want = expected(model, x)
    np.testing.assert_allclose(computed(mod, x), want, rtol=1e-5, atol=1e-5 * abs(want).max())
    return mapped(mod)
