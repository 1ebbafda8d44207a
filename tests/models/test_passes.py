"""Before tasks are looked for: a batch norm costs nothing, and a convolution is one task."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from tvm import relax

from heron_ms._tvm import operator_of
from heron_ms.models.passes import legalize_and_fuse, simplified
from tests.models import networks
from tests.models.networks import Network, module, op


def biased(network: Network, x: Any) -> Any:
    """A batch norm after a convolution and its bias."""
    y = network.emit(op.add(network.conv(x, 8, 3), network.constant(1, 8, 1, 1)))
    return network.relu(network.batch_norm(y))


def written_out(network: Network, x: Any) -> Any:
    """A scale and a shift as differences, quotients and products with constants on either side."""
    y = network.emit(op.subtract(network.constant(8, 1, 1), network.conv(x, 8, 1)))
    y = network.emit(op.divide(y, network.positive(1, 8, 1, 1)))
    y = network.emit(op.multiply(relax.const(np.float32(3)), y))
    return network.emit(op.add(network.constant(8, 1, 1), y))


def grouped(network: Network, x: Any) -> Any:
    """A depthwise convolution."""
    channels = int(x.ty.shape[1])
    y = op.nn.conv2d(x, network.constant(channels, 1, 3, 3), groups=channels)
    return network.batch_norm(network.emit(y))


def transposed(network: Network, x: Any) -> Any:
    """A transposed convolution, whose weight has its outputs second."""
    weight = network.constant(int(x.ty.shape[1]), 8, 2, 2)
    return network.batch_norm(network.emit(op.nn.conv2d_transpose(x, weight, strides=(2, 2))))


def dense(network: Network, x: Any) -> Any:
    """A matrix product, its weight transposed in the graph, with a batch norm of its columns."""
    flat = network.emit(op.reshape(x, (-1, 64)))
    weight = network.emit(op.permute_dims(network.constant(24, 64)))
    return network.batch_norm(network.emit(op.matmul(flat, weight)))


FOLDED = {case.__name__: case for case in (biased, written_out, grouped, transposed, dense)}
ARITHMETIC = ("batch_norm", "multiply", "divide", "subtract")


def check(mod: Any, changed: Any) -> None:
    x = networks.random((1, 16, 8, 8))
    expected = networks.run(mod, x)
    np.testing.assert_allclose(networks.run(changed, x), expected, rtol=1e-5, atol=1e-5)


def operators(mod: Any) -> list[str]:
    """The operators of a model in order, but what puts channels last."""
    bindings = [binding for block in mod["main"].body.blocks for binding in block.bindings]
    names = [operator_of(binding.value) for binding in bindings]
    short = [name.removeprefix("relax.").removeprefix("nn.") for name in names]
    return [name for name in short if name != "permute_dims"]


def test_each_convolution_of_a_bottleneck_is_one_task() -> None:
    mod = module(networks.bottleneck, 1, 64, 8, 8)
    fused = legalize_and_fuse(mod)
    assert sorted(re.sub(r"\d+(?=_|$)", "", task) for task in networks.tasks(fused)) == [
        "fused_conv2d_add",
        "fused_conv2d_add_add_relu",
        "fused_conv2d_add_relu",
        "fused_conv2d_add_relu",
        "transpose",
        "transpose",
    ]
    x = networks.random((1, 64, 8, 8))
    np.testing.assert_allclose(networks.run(fused, x), networks.run(mod, x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("case", FOLDED)
def test_scales_go_into_the_weight(case: str) -> None:
    mod = module(FOLDED[case], 1, 16, 8, 8)
    changed = simplified(mod)
    assert not set(operators(changed)) & set(ARITHMETIC)
    assert operators(changed).count("add") == 1
    check(mod, changed)


def test_a_batch_norm_without_a_product_is_one_product_and_one_sum() -> None:
    def body(network: Network, x: Any) -> Any:
        return network.conv(network.relu(network.batch_norm(x)), 8, 3)

    mod = module(body, 1, 16, 8, 8)
    changed = simplified(mod)
    assert operators(changed) == ["multiply", "add", "relu", "conv2d"]
    check(mod, changed)


def test_a_product_that_others_read_keeps_its_weight() -> None:
    def body(network: Network, x: Any) -> Any:
        y = network.conv(x, 8, 1)
        return network.emit(op.add(network.batch_norm(y), y))

    mod = module(body, 1, 16, 8, 8)
    changed = simplified(mod)
    assert operators(changed) == ["conv2d", "multiply", "add", "add"]
    check(mod, changed)


def test_a_scale_of_pixels_stays() -> None:
    def body(network: Network, x: Any) -> Any:
        return network.emit(op.multiply(network.conv(x, 8, 1), network.constant(8, 8)))

    mod = module(body, 1, 16, 8, 8)
    assert operators(simplified(mod)) == ["conv2d", "multiply"]


def of_parameters(training: bool) -> tuple[Any, list[Any]]:
    """A convolution and its batch norm, all of whose arrays are parameters, and arrays for them."""
    builder = relax.BlockBuilder()
    tensor = getattr(relax, "TensorType", None) or relax.TensorStructInfo
    shapes = [(1, 4, 6, 6), (8, 4, 3, 3), (8,), (8,), (8,), (8,)]
    args = [relax.Var(f"p{at}", tensor(shape, "float32")) for at, shape in enumerate(shapes)]
    with builder.function("main", args):
        with builder.dataflow():
            y = builder.emit(op.nn.conv2d(args[0], args[1]))
            y = builder.emit(op.nn.batch_norm(y, *args[2:], axis=1, training=training))
            out = builder.emit_output(relax.TupleGetItem(y, 0))
        builder.emit_func_output(out)
    arrays = [networks.random(shape) for shape in shapes]
    arrays[5] = np.abs(arrays[5])
    return builder.get(), arrays


@pytest.mark.parametrize("training", [False, True])
def test_a_batch_norm_of_parameters_fuses_unless_it_computes_statistics(training: bool) -> None:
    mod, arrays = of_parameters(training)
    fused = legalize_and_fuse(mod)
    assert any("batch_norm" in name for name in networks.tasks(fused)) == training
    expected = networks.run(mod, *arrays)
    np.testing.assert_allclose(networks.run(fused, *arrays), expected, rtol=1e-4, atol=1e-5)
