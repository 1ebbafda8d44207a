"""Minimax fits of functions: where the coefficients of `elementary` come from.

Run it to see them: ``python -m tests.measure.cpu.minimax``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from heron_ms.measure.cpu.elementary import ERF_LIMIT, TANH_LIMIT


def exponential() -> tuple[float, Any]:
    """P of e^r = 1 + r + r^2 P(r), |r| <= ln(2) / 2: the greatest relative error, coefficients."""
    half = math.log(2) / 2 * 1.0001  # k is rounded in float32, so r may be a little larger
    r = _nodes(-half, half)
    powers = np.stack([r ** (2 + power) for power in range(5)], 1) / np.exp(r)[:, None]
    return _lawson(powers, (np.exp(r) - 1 - r) / np.exp(r))


def error_function() -> tuple[float, Any, Any]:
    """P and Q of erf(x) = x P(x^2) / Q(x^2), and the greatest relative error."""
    return _odd(np.vectorize(math.erf), ERF_LIMIT, 5)


def hyperbolic_tangent() -> tuple[float, Any, Any]:
    """P and Q of tanh(x) = x P(x^2) / Q(x^2), and the greatest relative error."""
    return _odd(np.tanh, TANH_LIMIT, 4)


def _odd(function: Callable[[Any], Any], limit: float, degree: int) -> tuple[float, Any, Any]:
    x = _nodes(1e-9, limit)
    return _rational(function(x) / x, x * x, degree)


def _nodes(low: float, high: float, count: int = 3000) -> Any:
    """Chebyshev's nodes of an interval."""
    return (low + high) / 2 + (high - low) / 2 * np.cos(np.pi * (np.arange(count) + 0.5) / count)


def _lawson(columns: Any, values: Any) -> tuple[float, Any]:
    """The combination of columns with the least greatest error (Lawson, 1961)."""
    weights = np.ones_like(values)
    best: tuple[float, Any] = (math.inf, None)
    for _ in range(200):
        roots = np.sqrt(weights)
        found, *_ = np.linalg.lstsq(columns * roots[:, None], values * roots, rcond=None)
        errors = np.abs(columns @ found - values)
        best = min(best, (float(errors.max()), found), key=lambda fit: fit[0])
        weights = weights * errors / (weights * errors).sum()
    return best


def _rational(values: Any, at: Any, degree: int) -> tuple[float, Any, Any]:
    """P / Q of one degree with Q(0) = 1 and the least greatest relative error found.

    P - f Q is linear in the coefficients; dividing it by the last Q (Sanathanan and Koerner, 1963)
    makes it the error, and Lawson's weights make that even.
    """
    powers = (at / at.max())[:, None] ** np.arange(degree + 1)
    below, weights = np.ones_like(values), np.ones_like(values)
    best: tuple[float, Any, Any] = (math.inf, None, None)
    for turn in range(60):
        scale = np.sqrt(weights) / (below * values)
        columns = np.hstack([powers, -powers[:, 1:] * values[:, None]]) * scale[:, None]
        found, *_ = np.linalg.lstsq(columns, values * scale, rcond=None)
        p, q = found[: degree + 1], np.concatenate([[1.0], found[degree + 1 :]])
        below = powers @ q
        errors = np.abs(powers @ p / below / values - 1)
        units = at.max() ** np.arange(degree + 1)
        best = min(best, (float(errors.max()), p / units, q / units), key=lambda fit: fit[0])
        if turn > 5:
            weights = weights * (errors / errors.max() + 1e-3)
            weights /= weights.sum()
    return best


if __name__ == "__main__":
    for fit in (exponential(), error_function(), hyperbolic_tangent()):
        print(f"{fit[0]:.3g}", *(np.array2string(part, precision=9) for part in fit[1:]))
