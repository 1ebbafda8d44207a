"""A product reads its data where they lie, unless they are padded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import PrimFunc, SBlock, collect
from heron_ms.models.passes import prepared
from tests.models import networks
from tests.models.networks import Network, module

SHAPE = (1, 8, 6, 6)


@pytest.mark.parametrize(("kernel", "copies"), [(1, 0), (3, 1)])
def test_only_padded_data_are_copied(kernel: int, copies: int) -> None:
    def body(network: Network, x: Any) -> Any:
        return network.relu(network.conv(x, 16, kernel))

    mod = module(body, *SHAPE)
    fused = prepared(mod)
    functions = [f for _, f in fused.functions_items() if isinstance(f, PrimFunc)]
    blocks = [block for f in functions for block in collect(f.body, SBlock)]
    assert sum("pad_temp" in str(block.name_hint) for block in blocks) == copies
    x = networks.random(SHAPE)
    np.testing.assert_allclose(networks.run(fused, x), networks.run(mod, x), rtol=1e-4, atol=1e-5)
