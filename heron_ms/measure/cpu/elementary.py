"""exp, erf, tanh and the logistic function of float32 as sums, products and shifts.

LLVM has no vectors of them: a vectorised loop calls the C library once an element. Written so they
are as wide as everything else in a loop. Errors against the exact value, over all of float32
(`ERRORS`), in units in the last place of the result:

    exp       2^k e^r, r = x - k ln 2 in two parts (Cody and Waite, 1980, chapter 6; Muller,
              "Elementary Functions", chapter on range reduction), e^r by a polynomial
    logistic  1 / (1 + exp(-x)), as TVM has it
    erf       odd rational functions x P(x^2) / Q(x^2), of x cut off where the result
    tanh      rounds to one

The coefficients are minimax fits of our own (tests/measure/cpu/minimax.py makes them). Infinities,
NaN and zeros of either sign give what the C library gives; results too small for a normal number
are right too, except for those of the logistic function, which become zero.

nearbyint has an instruction, but TVM makes no vectors of its own name for it, only of LLVM's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from heron_ms._tvm import Var, tirx

EXP = (0.499999934, 0.166665206, 0.041668388, 0.008368717, 0.00138146)
"""P of e^r = 1 + r + r^2 P(r), ascending."""

ERF = (
    (1.128379146, 0.1905922440, 0.05276910458, 0.003772486027, 2.848422218e-4, 2.046041380e-6),
    (1.0, 0.5022407096, 0.1141821018, 0.01498307091, 1.163842387e-3, 3.804784953e-5),
)
"""P and Q of erf(x) = x P(x^2) / Q(x^2), ascending."""

TANH = (
    (0.9999999793, 0.1338031899, 3.494748115e-3, 2.059521958e-5, 1.333535024e-8),
    (1.0, 0.4671363441, 0.02587378849, 3.284259506e-4, 7.768677881e-7),
)
"""P and Q of tanh(x) = x P(x^2) / Q(x^2), ascending."""

ERF_LIMIT, TANH_LIMIT = 3.925, 9.011
"""From here on the result rounds to one."""

ERRORS: Mapping[str, float] = {"exp": 1.0, "sigmoid": 2.5, "erf": 4.5, "tanh": 5.5}
"""The greatest error of each, in units in the last place of a normal result."""

Build = Callable[[Any], Any]
"""An expression from an expression."""

_LN2_HIGH, _LN2_LOW = 0.693359375, -2.12194440054690583e-4
_LOG2_E = 1.4426950408889634
# exp is infinite above the one and zero below the other; both times log2(e) fit two factors 2^k.
_EXP_LIMITS = (-104.0, 89.0)
# Added to a float32 of less than 2^22, it leaves the nearest integer in the lowest bits.
_ROUND = 12582912.0


def let(name: str, value: Any, body: Build) -> Any:
    """An expression of a value that is computed once."""
    var = Var(name, str(value.ty))
    return tirx.Let(var, value, body(var))


def _exp(x: Any) -> Any:
    return let("limited", _within(x, *_EXP_LIMITS), _exp_within)


def _exp_within(x: Any) -> Any:
    """exp(x) = 2^k e^r, with the integer k nearest to x log2(e)."""

    def of_shifted(shifted: Any) -> Any:
        k = shifted - _float(_ROUND)
        r = x - k * _float(_LN2_HIGH) - k * _float(_LN2_LOW)
        bits = tirx.reinterpret("int32", shifted) - tirx.reinterpret("int32", _float(_ROUND))
        return let("r", r, lambda r: let("k", bits, lambda k: _times_two_to(_exp_near(r), k)))

    return let("shifted", x * _float(_LOG2_E) + _float(_ROUND), of_shifted)


def _exp_near(r: Any) -> Any:
    return _float(1.0) + (r + r * r * _polynomial(EXP, r))


def _times_two_to(value: Any, k: Any) -> Any:
    """In two steps, because 2^k itself may be no normal number, above or below."""
    half = tirx.shift_right(k, _int(1))
    return value * _two_to(half) * _two_to(k - half)


def _two_to(k: Any) -> Any:
    """2^k: the exponent of a float32 is its bits 23 to 30, with 127 added."""
    return tirx.reinterpret("float32", tirx.shift_left(k + _int(127), _int(23)))


def _sigmoid(x: Any) -> Any:
    return _float(1.0) / (_float(1.0) + _exp(_float(0.0) - x))


def _erf(x: Any) -> Any:
    return _odd(x, ERF_LIMIT, *ERF)


def _tanh(x: Any) -> Any:
    return _odd(x, TANH_LIMIT, *TANH)


def _odd(x: Any, limit: float, p: Sequence[float], q: Sequence[float]) -> Any:
    def quotient(x: Any) -> Any:
        return let("square", x * x, lambda y: x * _polynomial(p, y) / _polynomial(q, y))

    limited = let("limited", _within(x, -limit, limit), quotient)
    # Rounding may leave it a little above one, where 1 - tanh(x)^2 would be below zero.
    return let("rounded", limited, lambda y: _within(y, -1.0, 1.0))


def _nearbyint(x: Any) -> Any:
    return tirx.call_llvm_pure_intrin("float32", "llvm.nearbyint", x)


def _within(x: Any, low: float, high: float) -> Any:
    """``x`` cut off; NaN stays, which it would not with min and max."""
    below = tirx.Select(x < _float(low), _float(low), x)
    return tirx.Select(x > _float(high), _float(high), below)


def _polynomial(coefficients: Sequence[float], x: Any) -> Any:
    """Horner's scheme."""
    value = _float(coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        value = value * x + _float(coefficient)
    return value


def _float(value: float) -> Any:
    return tirx.FloatImm("float32", value)


def _int(value: int) -> Any:
    return tirx.IntImm("int32", value)


BUILDERS: Mapping[str, Build] = {
    "tirx.exp": _exp,
    "tirx.nearbyint": _nearbyint,
    "tirx.erf": _erf,
    "tirx.sigmoid": _sigmoid,
    "tirx.tanh": _tanh,
}
