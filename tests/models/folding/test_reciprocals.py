"""A division by a constant is a product, unless its reciprocal is no normal number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tvm import relax

from heron_ms._tvm import operator_of
from heron_ms.models.folding import multiply_by_reciprocals
from tests.models import networks
from tests.models.layout.test_channels_last import calls
from tests.models.networks import Network, module, op

SHAPE = (3, 4, 16)


def divided(by: Any) -> Any:
    """x and its square, each divided, the second the other way round too."""

    def body(network: Network, x: Any) -> Any:
        y = network.emit(op.divide(x, relax.const(np.asarray(by, "float32"))))
        return network.emit(op.divide(network.emit(op.square(y)), network.emit(op.abs(x))))

    return module(body, *SHAPE)


@pytest.mark.parametrize("by", [6.0, -0.3, [[[3.0]], [[7.0]], [[1e30]]]], ids=str)
def test_a_product_in_its_place(by: Any) -> None:
    mod = divided(by)
    changed = multiply_by_reciprocals(mod)
    x = networks.random(SHAPE)
    step = np.finfo("float32").eps
    np.testing.assert_allclose(networks.run(changed, x), networks.run(mod, x), rtol=4 * step)
    names = [operator_of(value) for value in calls(changed)]
    assert names.count("relax.multiply") == names.count("relax.divide") == 1


@pytest.mark.parametrize("by", [0.0, 1e-45, 3e38, float("nan")], ids=str)
def test_what_has_no_normal_reciprocal_stays(by: float) -> None:
    names = [operator_of(value) for value in calls(multiply_by_reciprocals(divided(by)))]
    assert names.count("relax.divide") == 2
