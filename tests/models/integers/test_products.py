"""Convolutions and matrix products: equal to ONNX Runtime's kernels, and on 8-bit intrinsics."""

from __future__ import annotations

from typing import Any

import pytest
from onnx import helper

from tests.models.integers.quantised import (
    S8,
    U8,
    Comparison,
    floats_in,
    mapped,
    network,
    statically,
    tasks,
    weights,
)

TYPES = [(U8, S8, False), (U8, S8, True), (S8, S8, True), (U8, U8, False), (S8, S8, False)]
CONVOLUTIONS: list[dict[str, Any]] = [
    {"pads": [1, 1, 1, 1]},
    {"pads": [0, 1, 2, 1], "strides": [2, 2]},
    {"pads": [2, 2, 2, 2], "dilations": [2, 2]},
    {"pads": [1, 1, 1, 1], "group": 2},
    {"pads": [1, 1, 1, 1], "group": 8},
]


def quantised(model: Any, activation: Any, weight: Any, per_channel: bool) -> Any:
    return statically(
        model, activation_type=activation, weight_type=weight, per_channel=per_channel
    )


def convolution(**attributes: Any) -> Any:
    nodes = [
        helper.make_node("Conv", ["x", "w", "b"], ["c"], **attributes),
        helper.make_node("Relu", ["c"], ["y"]),
    ]
    channels = 8 // attributes.get("group", 1)
    return network(nodes, weights(w=(16, channels, 3, 3), b=(16,)), (2, 8, 9, 9))


@pytest.mark.parametrize(("activation", "weight", "per_channel"), TYPES)
def test_a_convolution_equals_onnx_runtime(activation: Any, weight: Any, per_channel: bool) -> None:
    model = convolution(pads=[1, 1, 1, 1])
    comparison = Comparison(quantised(model, activation, weight, per_channel))
    assert not floats_in(comparison.mod, "nn.conv2d")
    assert comparison.steps.max() <= 1
    assert (comparison.steps > 0).mean() <= 0.001


@pytest.mark.parametrize("attributes", CONVOLUTIONS, ids=str)
def test_attributes_of_a_convolution_are_kept(attributes: dict[str, Any]) -> None:
    comparison = Comparison(statically(convolution(**attributes), per_channel=True))
    assert not floats_in(comparison.mod, "nn.conv2d")
    assert comparison.steps.max() == 0


@pytest.mark.parametrize(("activation", "weight", "per_channel"), TYPES)
def test_a_dense_layer_equals_onnx_runtime(activation: Any, weight: Any, per_channel: bool) -> None:
    nodes = [helper.make_node("Gemm", ["x", "w", "b"], ["y"], transB=1)]
    model = network(nodes, weights(w=(24, 40), b=(24,)), (12, 40))
    comparison = Comparison(quantised(model, activation, weight, per_channel))
    assert not floats_in(comparison.mod, "matmul")
    assert comparison.steps.max() <= 1
    assert (comparison.steps > 0).mean() <= 0.001


@pytest.mark.parametrize("activation", [U8, S8])
def test_two_activations_are_multiplied_with_both_zero_points(activation: Any) -> None:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["k"]),
        helper.make_node("Transpose", ["k"], ["t"], perm=[0, 1, 3, 2]),
        helper.make_node("MatMul", ["x", "t"], ["y"]),
    ]
    model = network(nodes, weights(w=(16, 16)), (2, 3, 20, 16))
    comparison = Comparison(statically(model, activation_type=activation))
    assert not floats_in(comparison.mod, "matmul")
    assert comparison.steps.max() <= 1
    assert (comparison.steps > 0).mean() <= 0.01
    assert len([name for name in mapped(comparison.mod) if "matmul" in name]) == 2


def test_a_product_with_all_that_follows_is_one_task_of_8_bits() -> None:
    comparison = Comparison(statically(convolution(pads=[1, 1, 1, 1]), per_channel=True))
    (name,) = mapped(comparison.mod)
    assert "conv2d" in name
    assert mapped(comparison.mod)[name].startswith("vnni.u8s8s32")
    assert len(tasks(comparison.mod)) == 2, "the other quantises the input"
