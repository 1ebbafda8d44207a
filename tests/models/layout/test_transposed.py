"""Transposed convolutions whose windows lie side by side are products; others stay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import operator_of
from heron_ms.models.layout import channels_last
from tests.models import networks
from tests.models.layout.test_channels_last import calls, permutations
from tests.models.networks import Network, module, op

WINDOWS = [(3,), (2, 3), (2, 1, 2)]


def transposed(network: Network, x: Any, window: tuple[int, ...], **attrs: Any) -> Any:
    rank = len(window)
    weight = network.constant(int(x.ty.shape[1]), 5, *window)
    return network.emit(getattr(op.nn, f"conv{rank}d_transpose")(x, weight, **attrs))


@pytest.mark.parametrize("window", WINDOWS)
def test_side_by_side(window: tuple[int, ...]) -> None:
    def body(network: Network, x: Any) -> Any:
        y = transposed(network, x, window, strides=window)
        return network.relu(network.emit(op.add(y, network.constant(5, *[1] * len(window)))))

    shape = (2, 4, *(3 + size for size in window))
    mod = module(body, *shape)
    changed = channels_last(mod)
    x = networks.random(shape)
    np.testing.assert_allclose(networks.run(changed, x), networks.run(mod, x), rtol=1e-4, atol=1e-5)
    assert not any("transpose" in operator_of(value) for value in calls(changed))
    # In, out, and the interleaving.
    assert len(permutations(changed)) == 3


@pytest.mark.parametrize(
    "attrs",
    [
        {"strides": 1},
        {"strides": 2, "padding": 1},
        {"strides": 2, "output_padding": 1},
        {"strides": 2, "dilation": 2},
        {"strides": (2, 1)},
    ],
    ids=str,
)
def test_windows_that_overlap_or_are_cut_stay(attrs: dict[str, Any]) -> None:
    mod = module(lambda network, x: transposed(network, x, (2, 2), **attrs), 1, 4, 5, 6)
    assert any("conv2d_transpose" in operator_of(value) for value in calls(channels_last(mod)))
