"""Convolutions and matrix products of 8-bit integers.

``sum (a - za) * (b - zb) = sum a * b - (za * (sum b - n * zb) + zb * sum a)``, where sums are over
the n products of an output. The subtrahend is the zero point of the sum; where the weight and its
partner's zero point are known it is a constant, and a bias goes into it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from heron_ms.models.integers.reader import Reader
from heron_ms.models.integers.values import Value, dtype_of, is_known, is_zero
from heron_ms.models.integers.view import View


@dataclass(frozen=True)
class Sums:
    """Of a product: ``products`` = sum a * b, and sums of the factors as they broadcast to it."""

    products: Value
    of_a: Callable[[], Value]
    of_b: Callable[[], Value]
    count: int


def signed(reader: Reader, view: View) -> View:
    """A view with int8 data: what the right factor of a dot-product instruction has to be.

    A known tensor also loses its zero point where the difference has 8 bits.
    """
    if is_known(view.data) and is_known(view.zero):
        centred = np.asarray(view.data.astype("int32") - view.zero)
        if centred.min(initial=0) >= -128 and centred.max(initial=0) <= 127:
            return View(centred.astype("int8"), view.scale)
    if dtype_of(view.data) == "int8":
        return view
    arithmetic, half = reader.arithmetic, np.asarray(128, "int32")
    moved = arithmetic.apply("subtract", arithmetic.astype(view.data, "int32"), half)
    zero = arithmetic.apply("subtract", view.zero, half)
    return View(arithmetic.astype(moved, "int8"), view.scale, zero)


def combined(reader: Reader, sums: Sums, scale: Value, za: Value, zb: Value) -> View:
    """The view of a product, of the scale of an output and the zero points of both factors.

    All three broadcast to the output.
    """
    arithmetic = reader.arithmetic
    zero: Value = np.asarray(0, "int32")
    if not is_zero(za):
        inner = sums.of_b()
        if not is_zero(zb):
            count = np.asarray(sums.count, "int32")
            inner = arithmetic.apply("subtract", inner, arithmetic.apply("multiply", count, zb))
        zero = arithmetic.apply("multiply", za, inner)
    if not is_zero(zb):
        other = arithmetic.apply("multiply", zb, sums.of_a())
        zero = arithmetic.apply("add", zero, other)
    return View(sums.products, scale, zero)


def operands(reader: Reader, call: Any) -> tuple[View, View] | None:
    """The views of both factors, the right one signed, if both are 8-bit integers."""
    a, b = (reader.read(expr) for expr in call.args[:2])
    if a is None or b is None or not (a.is_small and b.is_small):
        return None
    return a, signed(reader, b)
