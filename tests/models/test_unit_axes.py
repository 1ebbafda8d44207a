"""Axes of extent one come and go within the function of a product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import PrimFunc
from heron_ms.models.passes import prepared
from tests.models import networks
from tests.models.networks import Network, module, op

SHAPE = (1, 8, 12, 1)


def dropped(network: Network, x: Any) -> Any:
    """A convolution of one dimension that is written as one of two."""
    y = network.emit(op.nn.conv2d(x, network.constant(16, 8, 3, 1)))
    y = network.emit(op.squeeze(y, [3]))
    return network.relu(network.emit(op.add(y, network.constant(16, 1))))


def added(network: Network, x: Any) -> Any:
    y = network.emit(op.matmul(network.emit(op.squeeze(x, [3])), network.constant(12, 16)))
    return network.relu(network.emit(op.expand_dims(y, [3])))


@pytest.mark.parametrize("body", [dropped, added], ids=lambda body: str(body.__name__))
def test_what_follows_a_product_is_fused_with_it(body: Callable[[Network, Any], Any]) -> None:
    mod = module(body, *SHAPE)
    fused = prepared(mod)
    names = [str(name.name_hint) for name, f in fused.functions_items() if isinstance(f, PrimFunc)]
    [product] = [name for name in names if "conv2d" in name or "matmul" in name]
    assert "relu" in product or "compute" in product
    x = networks.random(SHAPE)
    np.testing.assert_allclose(networks.run(fused, x), networks.run(mod, x), rtol=1e-4, atol=1e-5)
