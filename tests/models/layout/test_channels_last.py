"""Channels last: what is computed stays, and permutations are left only where somebody cares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tvm import relax

from heron_ms._tvm import operator_of
from heron_ms.models.layout import channels_last
from tests.models import networks
from tests.models.networks import Network, module, op

SHAPE = (1, 16, 8, 8)


def calls(mod: Any) -> list[Any]:
    """The values of a model's variables in order."""
    return [binding.value for block in mod["main"].body.blocks for binding in block.bindings]


def permutations(mod: Any) -> list[list[int]]:
    """The axes of each permutation that is left."""
    left = [value for value in calls(mod) if operator_of(value) == "relax.permute_dims"]
    return [[int(axis) for axis in value.attrs.axes] for value in left]


def pools(network: Network, x: Any) -> Any:
    """Both kinds, and an adaptive one."""
    y = network.emit(op.nn.max_pool2d(network.conv(x, 8, 3), (3, 3), strides=2, padding=1))
    y = network.emit(op.nn.avg_pool2d(y, (2, 2), count_include_pad=True))
    return network.emit(op.nn.adaptive_avg_pool2d(y, (1, 1)))


def squeezed(network: Network, x: Any) -> Any:
    """A squeeze-and-excitation block (Hu et al., CVPR 2018)."""
    y = network.conv(x, 24, 3)
    gate = network.emit(op.mean(y, [2, 3], keepdims=True))
    gate = network.relu(network.emit(op.add(network.conv(gate, 6, 1), network.constant(6, 1, 1))))
    gate = network.emit(op.sigmoid(network.conv(gate, 24, 1)))
    return network.emit(op.multiply(y, gate))


def branches(network: Network, x: Any) -> Any:
    """Split by channels, concatenated in another order."""
    parts = network.emit(op.split(network.conv(x, 12, 1), [4], axis=1))
    left, right = (network.emit(relax.TupleGetItem(parts, index)) for index in range(2))
    return network.emit(op.concat([network.conv(right, 5, 3), left, right], axis=1))


def bordered(network: Network, x: Any) -> Any:
    """A border, and another size."""
    y = network.emit(op.nn.pad(network.conv(x, 8, 1), [0, 0, 1, 2, 3, 4, 5, 6]))
    y = network.emit(op.image.resize2d(y, (20, 30), method="nearest_neighbor"))
    return network.conv(y, 4, 3)


def activations(network: Network, x: Any) -> Any:
    """A slope of each channel, bounds, and a softmax over the channels."""
    y = network.emit(op.nn.prelu(network.conv(x, 8, 3), network.constant(8), axis=1))
    y = network.emit(op.clip(y, -1.0, 1.0))
    y = network.emit(op.add(network.emit(op.multiply(y, relax.const(2.0, "float32"))), y))
    return network.emit(op.nn.softmax(y, axis=1))


def grouped(network: Network, x: Any) -> Any:
    """A depthwise convolution between two of one pixel, with a residual and a batch norm."""
    y = network.relu(network.batch_norm(network.conv(x, 32, 1)))
    depthwise = op.nn.conv2d(y, network.constant(32, 1, 3, 3), padding=1, groups=32)
    y = network.conv(network.emit(depthwise), 16, 1)
    return network.conv(network.relu(network.emit(op.add(y, x))), 3, 1)


def lowered(network: Network, x: Any) -> Any:
    """A convolution of one dimension, as those of two stand for it, and slices."""
    row = network.emit(op.strided_slice(network.conv(x, 8, 1), [2, -1], [3, 0], [4, 8], [1, 2]))
    y = network.relu(network.emit(op.squeeze(row, [2])))
    y = network.emit(op.strided_slice(network.emit(op.add(y, y)), [0, 2], [0, 0], [9, 2**31 - 1]))
    return network.conv(network.emit(op.expand_dims(y, [3])), 4, 1)


def classified(network: Network, x: Any) -> Any:
    """A head: nothing is permuted where there is no spatial extent."""
    y = network.emit(op.mean(network.conv(x, 24, 3), [2, 3], keepdims=True))
    y = network.emit(op.reshape(network.conv(y, 10, 1), (1, 10)))
    return network.emit(op.add(y, network.emit(op.mean(network.conv(x, 10, 1), [2, 3]))))


BODIES = (
    networks.bottleneck, pools, squeezed, branches, bordered, activations, grouped, lowered
)  # fmt: skip


@pytest.mark.parametrize("body", [*BODIES, classified], ids=lambda body: str(body.__name__))
def test_the_same_with_one_permutation_at_each_end(body: Callable[[Network, Any], Any]) -> None:
    mod = module(body, *SHAPE)
    changed = channels_last(mod)
    x = networks.random(SHAPE)
    np.testing.assert_allclose(networks.run(changed, x), networks.run(mod, x), rtol=1e-4, atol=1e-5)
    into, back = [0, 2, 3, 1], [0, 3, 1, 2]
    assert permutations(changed) == ([into] if body is classified else [into, back])


@pytest.mark.parametrize(("kind", "shape"), [("conv1d", (1, 8, 12)), ("conv3d", (1, 8, 4, 5, 6))])
def test_of_one_and_three_dimensions(kind: str, shape: tuple[int, ...]) -> None:
    def body(network: Network, x: Any) -> Any:
        weight = network.constant(6, 4, *[3] * (len(shape) - 2))
        y = network.emit(getattr(op.nn, kind)(x, weight, padding=1, groups=2))
        return network.relu(network.emit(op.add(y, network.constant(6, *[1] * (len(shape) - 2)))))

    mod = module(body, *shape)
    changed = channels_last(mod)
    x = networks.random(shape)
    np.testing.assert_allclose(networks.run(changed, x), networks.run(mod, x), rtol=1e-4, atol=1e-5)
    assert len(permutations(changed)) == 2


def test_what_cares_for_the_order_of_axes_gets_its_own() -> None:
    def body(network: Network, x: Any) -> Any:
        y = network.relu(network.conv(x, 8, 3))
        rows = network.emit(op.reshape(y, (1, 8, 64)))
        return network.emit(op.matmul(rows, network.constant(64, 10)))

    mod = module(body, *SHAPE)
    changed = channels_last(mod)
    x = networks.random(SHAPE)
    np.testing.assert_allclose(networks.run(changed, x), networks.run(mod, x), rtol=1e-4, atol=1e-5)
    assert permutations(changed) == [[0, 2, 3, 1], [0, 3, 1, 2]]


def test_a_transpose_of_the_model_is_no_form_of_what_it_reads() -> None:
    """Else a residual stream of rows would become one of columns behind the first transpose."""

    def body(network: Network, x: Any) -> Any:
        y = network.emit(op.permute_dims(network.emit(op.reshape(x, (1, 16, 64))), (0, 2, 1)))
        y = network.emit(op.matmul(y, network.constant(16, 16)))
        return network.relu(y)

    mod = module(body, *SHAPE)
    assert permutations(channels_last(mod)) == [[0, 2, 1]]


def test_a_transpose_that_undoes_ours_is_none() -> None:
    def body(network: Network, x: Any) -> Any:
        y = network.conv(network.emit(op.permute_dims(x, (0, 3, 1, 2))), 8, 1)
        return network.emit(op.permute_dims(y, (0, 2, 3, 1)))

    mod = module(body, 1, 8, 8, 16)
    changed = channels_last(mod)
    x = networks.random((1, 8, 8, 16))
    np.testing.assert_allclose(networks.run(changed, x), networks.run(mod, x), rtol=1e-4, atol=1e-5)
    assert not permutations(changed)


def test_weights_that_are_no_constants_stay() -> None:
    builder = relax.BlockBuilder()
    tensor = getattr(relax, "TensorType", None) or relax.TensorStructInfo
    x, w = (relax.Var(name, tensor(SHAPE, "float32")) for name in "xw")
    with builder.function("main", [x, w]):
        with builder.dataflow():
            out = builder.emit_output(op.nn.conv2d(x, w))
        builder.emit_func_output(out)
    assert not permutations(channels_last(builder.get()))


def test_without_a_dataflow_block() -> None:
    """As in the branches of an If."""
    builder, network = relax.BlockBuilder(), Network()
    tensor = getattr(relax, "TensorType", None) or relax.TensorStructInfo
    x = relax.Var("x", tensor(SHAPE, "float32"))
    with builder.function("main", [x]):
        y = builder.emit(op.nn.conv2d(x, network.constant(8, 16, 3, 3), padding=1))
        y = builder.emit(op.nn.relu(y))
        y = builder.emit(op.nn.conv2d(y, network.constant(8, 8, 1, 1)))
        builder.emit_func_output(y)
    mod = builder.get()
    changed = channels_last(mod)
    given = networks.random(SHAPE)
    expected = networks.run(mod, given)
    np.testing.assert_allclose(networks.run(changed, given), expected, rtol=1e-4, atol=1e-5)
    assert permutations(changed).count([0, 3, 1, 2]) == 1
