"""Arithmetic of elements that TVM gets wrong, or of types that its importer mixes up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from heron_ms.models.onnx.writer import CannotBeHad, Writer

_BEYOND = 20.0
"""From here on, tanh(log(1 + exp(x))) is one in any float."""


def _power(write: Writer) -> bool:
    """Base and exponent of two types, or of integers: as ONNX Runtime, in floats, then back.

    bfloat16 is no float to TVM's power.
    """
    base, exponent = write.dtype(0), write.dtype(1)
    if base is None or exponent is None:
        return False
    if base == exponent and base.kind == "f":
        return False
    common = "float64" if "f" not in (base.kind, exponent.kind) else np.result_type(base, exponent)
    common = base if base.kind not in "iu" and exponent.kind in "iu" else common
    common = "float32" if base.name == "bfloat16" else common
    power = write.add("Pow", write.cast(write.input(0), common), write.cast(write.input(1), common))
    write.cast(power, base, out=write.out)
    return True


def _mish(write: Writer) -> bool:
    """x tanh(log(1 + e^x)) = x n / (n + 2) for n = e^x (e^x + 2): without the loss of 1 + e^x."""
    x, dtype = write.input(0), write.dtype()
    if dtype is None:
        return False
    two, limit = (write.constant(np.asarray(number, dtype)) for number in (2, _BEYOND))
    e = write.add("Exp", write.add("Min", x, limit))
    n = write.add("Mul", e, write.add("Add", e, two))
    share = write.add("Div", n, write.add("Add", n, two))
    write.add("Mul", x, share, out=write.out)
    return True


def _softplus(write: Writer) -> bool:
    """max(x, 0) + log(1 + e), e = exp(-|x|); e / (u - 1) makes up for what u = 1 + e loses."""
    x, dtype = write.input(0), write.dtype()
    if dtype is None:
        return False
    one, zero = (write.constant(np.asarray(number, dtype)) for number in (1, 0))
    e = write.add("Exp", write.add("Neg", write.add("Abs", x)))
    u = write.add("Add", e, one)
    lost = write.add("Sub", u, one)
    none = write.add("Equal", lost, zero)
    share = write.add("Div", e, write.add("Where", none, one, lost))
    log = write.add("Where", none, e, write.add("Mul", write.add("Log", u), share))
    write.add("Add", write.add("Max", x, zero), log, out=write.out)
    return True


def _modulo(write: Writer) -> bool:
    """Of floats, with the sign of the divisor: fmod, and one divisor more where signs differ."""
    dtype = write.dtype()
    if dtype is None or dtype.kind in "iub" or write.attributes().get("fmod", 0):
        return False
    divisor, zero = write.input(1), write.constant(np.asarray(0, dtype))
    rest = write.add("Mod", write.input(0), divisor, fmod=1)
    signs = (write.add("Less", value, zero) for value in (rest, divisor))
    some = write.add("Not", write.add("Equal", rest, zero))
    differ = write.add("And", write.add("Xor", *signs), some)
    write.add("Where", differ, write.add("Add", rest, divisor), rest, out=write.out)
    return True


def _shift(write: Writer) -> bool:
    """Shifts by more than a number has bits, or by less than none, leave nothing but the sign."""
    x, by, dtype = write.input(0), write.input(1), write.dtype()
    known = write.array(by)
    if dtype is None or (known is not None and _is_within(known, 8 * dtype.itemsize)):
        return False
    last = write.constant(np.asarray(8 * dtype.itemsize - 1, dtype))
    zero = write.constant(np.asarray(0, dtype))
    beyond = write.add("Or", write.add("Less", by, zero), write.add("Greater", by, last))
    within = write.add("Where", beyond, zero, by)
    shifted = write.add("BitShift", x, within, **write.attributes())
    write.facts.settled.add(shifted)
    left = zero
    if write.attributes()["direction"] == b"RIGHT" and dtype.kind == "i":
        minus = write.constant(np.asarray(-1, dtype))
        left = write.add("Where", write.add("Less", x, zero), minus, zero)
    write.add("Where", beyond, left, shifted, out=write.out)
    return True


def _is_within(shifts: Any, bits: int) -> bool:
    return bool(((shifts >= 0) & (shifts < bits)).all())


def _is_infinite(write: Writer) -> bool:
    """Infinities of one sign."""
    attributes, dtype = write.attributes(), write.dtype()
    up, down = attributes.get("detect_positive", 1), attributes.get("detect_negative", 1)
    if (up and down) or dtype is None:
        return False
    if not up and not down:
        raise CannotBeHad("it looks for no infinity at all")
    infinity = write.constant(np.asarray(np.inf if up else -np.inf, dtype))
    write.add("Equal", write.input(0), infinity, out=write.out)
    return True


def _of_truths(write: Writer) -> bool:
    """The largest or smallest of truth values, as numbers of a byte."""
    if write.dtype() != np.dtype(bool):
        return False
    numbers = write.cast(write.input(0), "uint8")
    rest = [name for name in [write.input(1)] if name]
    extreme = write.add(write.node.op_type, numbers, *rest, **write.attributes())
    write.cast(extreme, "bool", out=write.out)
    return True


def _norm(write: Writer) -> bool:
    """Elements divided by the first or second norm along an axis; nothing by nothing is nothing."""
    attributes, dtype = write.attributes(), write.dtype()
    if dtype is None:
        return False
    op = {1: "ReduceL1", 2: "ReduceL2"}[attributes.get("p", 2)]
    norm = write.reduce(op, write.input(0), [attributes.get("axis", -1)])
    one, zero = (write.constant(np.asarray(number, dtype)) for number in (1, 0))
    divisor = write.add("Where", write.add("Equal", norm, zero), one, norm)
    write.add("Div", write.input(0), divisor, out=write.out)
    return True


ARITHMETIC: dict[str, Callable[[Writer], bool]] = {
    "Pow": _power,
    "Mish": _mish,
    "Softplus": _softplus,
    "Mod": _modulo,
    "BitShift": _shift,
    "IsInf": _is_infinite,
    "ReduceMax": _of_truths,
    "ReduceMin": _of_truths,
    "LpNormalization": _norm,
}
