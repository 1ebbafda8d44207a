"""Activations that clip: they bound a view."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from heron_ms.models.integers.reader import Reader
from heron_ms.models.integers.view import View, fixed


def read_relu(reader: Reader, call: Any) -> View | None:
    """No number below zero."""
    view = reader.read(call.args[0])
    return view and view.clipped(0.0, inf)


def read_relu6(reader: Reader, call: Any) -> View | None:
    """No number below zero or above six."""
    view = reader.read(call.args[0])
    return view and view.clipped(0.0, 6.0)


def read_clip(reader: Reader, call: Any) -> View | None:
    """Bounds that are attributes or constants."""
    view = reader.read(call.args[0])
    return view and view.clipped(*(float(bound.value) for bound in call.args[1:3]))


def read_maximum(reader: Reader, call: Any) -> View | None:
    """A lower bound."""
    return _bounded(reader, call, lambda view, bound: view.clipped(bound, inf))


def read_minimum(reader: Reader, call: Any) -> View | None:
    """An upper bound."""
    return _bounded(reader, call, lambda view, bound: view.clipped(-inf, bound))


def _bounded(reader: Reader, call: Any, clipped: Any) -> View | None:
    bound = reader.value(call.args[1])
    view = reader.read(call.args[0]) if fixed(bound) and not np.isnan(bound).any() else None
    if view is None or bound.ndim > len(view.shape):
        return None
    return clipped(view, float(bound.reshape(())))  # type: ignore[no-any-return]
