"""Outputs are compared within a stated tolerance: floats, bytes, wider integers, no numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heron_ms.models.comparing import compare


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
