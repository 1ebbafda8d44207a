"""Elementwise sums and products of two tensors.

A bias on a sum is added to its zero point, so that it costs nothing. Two tensors of 8 bits, as of a
residual connection, are read by one function: dequantised in functions of their own, each would be
fused to the product that it comes from and be written as floats.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from heron_ms._tvm import tirx, topi
from heron_ms.models.integers.reader import Reader
from heron_ms.models.integers.values import is_known
from heron_ms.models.integers.view import View, fixed


def read_add(reader: Reader, call: Any) -> View | None:
    """A sum plus known integers of the same scale, on either side."""
    views = [reader.read(expr) for expr in call.args]
    for total, bias in (views, views[::-1]):
        if total is not None and bias is not None and _is_bias(total, bias):
            return _with_bias(reader, total, bias)
    return _together(reader, views, _added)


def read_multiply(reader: Reader, call: Any) -> View | None:
    """An int32 product of two tensors of 8 bits, elementwise."""
    return _together(reader, [reader.read(expr) for expr in call.args], _multiplied)


def _together(reader: Reader, views: list[View | None], combined: Any) -> View | None:
    one, other = views
    if one is None or other is None:
        return None
    if not all(view.is_small and _is_plain(view) for view in (one, other)):
        return None
    return combined(reader, one, other)  # type: ignore[no-any-return]


def _is_plain(view: View) -> bool:
    return fixed(view.scale) and fixed(view.zero)


def _added(reader: Reader, one: View, other: View) -> View:
    """The sum in float32: the scales of the two have no common divisor."""

    def total(left: Any, right: Any) -> Any:
        terms = (
            topi.multiply(topi.cast(_centred(data, view), "float32"), _number(view.scale))
            for data, view in ((left, one), (right, other))
        )
        return topi.add(*terms)

    return View(reader.arithmetic.te(total, one.data, other.data, name="add"))


def _multiplied(reader: Reader, one: View, other: View) -> View:
    def product(left: Any, right: Any) -> Any:
        return topi.multiply(_centred(left, one), _centred(right, other))

    data = reader.arithmetic.te(product, one.data, other.data, name="multiply")
    return View(data, reader.arithmetic.apply("multiply", one.scale, other.scale))


def _centred(data: Any, view: View) -> Any:
    return topi.subtract(topi.cast(data, "int32"), tirx.const(int(view.zero), "int32"))


def _number(scale: Any) -> Any:
    return tirx.const(float(scale), "float32")


def _is_bias(total: View, bias: View) -> bool:
    if not total.is_sum or total.bounded or not is_known(bias.data) or bias.bounded:
        return False
    if not is_known(total.scale) or not is_known(bias.scale):
        return False
    # Both are the product of two scales, rounded to float32 by different hands.
    return _broadcasts(bias, total) and np.allclose(
        *_aligned(total.scale, bias.scale, total), rtol=1e-6, atol=0
    )


def _broadcasts(bias: View, total: View) -> bool:
    try:
        return np.broadcast_shapes(bias.shape, total.shape) == total.shape
    except ValueError:
        return False


def _aligned(one: Any, other: Any, total: View) -> tuple[Any, Any]:
    return np.broadcast_to(one, total.shape), np.broadcast_to(other, total.shape)


def _with_bias(reader: Reader, total: View, bias: View) -> View:
    number = np.asarray(bias.data.astype("int32") - bias.zero)
    zero = reader.arithmetic.apply("subtract", total.zero, number)
    return View(total.data, total.scale, zero)
