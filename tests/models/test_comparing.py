"""Outputs are compared within a stated tolerance: floats, bytes, wider integers, no numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import relax
from heron_ms.models.comparing import (
    BFLOAT16,
    FLOATS,
    HALVES,
    compare,
    floors_of,
    tolerance_of,
)
from heron_ms.models.load import load
from tests.models.networks import Network, module


def _wrong(got: Any, right: Any, dtype: str, tolerance: float = 1e-3) -> int:
    arrays = (np.array(got, dtype), np.array(right, dtype))
    [difference] = compare(["y"], [arrays[0]], [arrays[1]], tolerance)
    return difference.wrong


@pytest.mark.parametrize(
    ("got", "right", "dtype", "wrong"),
    [
        ([1.0, 100.09], [1.0, 100.0], "float32", 0),
        ([1.0, 100.2], [1.0, 100.0], "float32", 1),
        ([1.09, 100.0], [1.0, 100.0], "float32", 0),
        ([np.nan, np.inf], [np.nan, np.inf], "float32", 0),
        ([np.nan, 1.0], [1.0, 1.0], "float32", 1),
        ([np.inf, 1.0], [-np.inf, 1.0], "float32", 1),
        ([7, 200], [8, 200], "uint8", 0),
        ([6, 200], [8, 200], "uint8", 1),
        ([7, 200], [8, 200], "int64", 1),
        ([True, False], [True, True], "bool", 1),
        ([1.0], [1.0, 1.0], "float32", 1),
    ],
)
def test_what_is_wrong(got: Any, right: Any, dtype: str, wrong: int) -> None:
    assert _wrong(got, right, dtype) == wrong


def test_the_largest_difference_is_told() -> None:
    got, right = np.array([1.0, 4.5], "float32"), np.array([1.0, 4.0], "float32")
    [difference] = compare(["y"], [got], [right], 1e-3)
    assert str(difference) == ("y: 1 of 2 elements wrong, largest difference 0.5, allowed 0.004")


def _found(network: Network, x: Any) -> Any:
    """Probabilities of a detector, in another order."""
    logits = network.conv(x, 4, 1)
    found = network.emit(relax.op.sigmoid(logits))
    last = network.emit(relax.op.permute_dims(found, [0, 2, 3, 1]))
    return network.emit(relax.op.reshape(last, (1, -1)))


def test_small_probabilities_may_be_off_by_what_the_reference_is() -> None:
    model = load(module(_found, 1, 3, 4, 4))
    [floor] = floors_of(model)
    assert 0 < floor < 3e-7
    right = np.full(4, 5e-5, "float32")
    for off, wrong in ((1.2e-7, 0), (1e-6, 4)):
        [difference] = compare(["y"], [right + np.float32(off)], [right], 1e-4, [floor])
        assert difference.wrong == wrong
    [difference] = compare(["y"], [right + np.float32(1.2e-7)], [right], 1e-4)
    assert difference.wrong == 4


def test_nothing_else_may_be_off_absolutely() -> None:
    def scaled(network: Network, x: Any) -> Any:
        return network.emit(relax.op.multiply(_found(network, x), relax.const(np.float32(1e-6))))

    assert floors_of(load(module(scaled, 1, 3, 4, 4))) == [0.0]


@pytest.mark.parametrize(
    ("dtype", "tolerance"), [("float16", HALVES), ("bfloat16", BFLOAT16), ("float32", FLOATS)]
)
def test_a_model_may_compute_in_another_type_than_it_is_given(dtype: str, tolerance: float) -> None:
    def computed(network: Network, x: Any) -> Any:
        return network.emit(relax.op.astype(network.emit(relax.op.astype(x, dtype)), "float32"))

    assert tolerance_of(load(module(computed, 2, 3))) == tolerance
