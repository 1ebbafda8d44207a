"""How far apart two columns are, as a share of their size: what violations are measured in."""

from __future__ import annotations

from typing import Any

import numpy as np

from heron_ms.csp.constraints.constraint import Column


def apart(a: Column, b: Column) -> Any:
    """|a - b| as a share of the larger magnitude: float64, 0 where equal, at most 2."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    return np.abs(a - b) / _size(a, b)


def above(a: Column, b: Column) -> Any:
    """By how much a exceeds b, as a share of the larger magnitude: float64, 0 where a <= b."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    return np.maximum(a - b, 0.0) / _size(a, b)


def _size(a: Any, b: Any) -> Any:
    """The larger magnitude; at least 1, which is no limit on integers that differ."""
    return np.maximum(np.maximum(np.abs(a), np.abs(b)), 1.0)
