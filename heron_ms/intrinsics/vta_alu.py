"""What VTA's ALU computes of accumulators: which expressions, with which numbers.

Source: apache/tvm-vta, include/vta/hw_spec.h. An operation takes an accumulator and a number of 16
bits, or two accumulators. Left out are MUL, which the cores lack, and shifts by what an accumulator
holds, on whose sign they differ.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import Add, Cast, RShift, Sub, TensorLoad, constant, tirx

OPERATIONS: dict[type[Any], str] = {
    tirx.Min: "MIN",
    tirx.Max: "MAX",
    Add: "ADD",
    RShift: "SHR",
}
"""By what they are in TensorIR; a difference from a number is a sum."""

_IMMEDIATES, _SHIFTS = range(-(1 << 15), 1 << 15), range(32)


def is_computed(value: Any) -> bool:
    """Whether the ALU computes a value of int32 that is loaded, whatever narrower it ends as."""
    if isinstance(value, TensorLoad):
        return str(value.ty) == "int32"
    if isinstance(value, Cast):
        return keeps_bits(value) and is_computed(value.value)
    if isinstance(value, Sub):
        return is_computed(value.a) and _negative(value.b) in _IMMEDIATES
    if type(value) not in OPERATIONS:
        return False
    if isinstance(value, RShift):
        return is_computed(value.a) and constant(value.b) in _SHIFTS
    return any(
        is_computed(inner) and (constant(other) in _IMMEDIATES or _is_accumulator(other))
        for inner, other in ((value.a, value.b), (value.b, value.a))
    )


def keeps_bits(cast: Cast) -> bool:
    """Whether a cast leaves all of an accumulator's 32 bits, or the low ones, as they are."""
    return str(cast.value.ty) == "int32" and "int" in str(cast.ty)


def _negative(operand: Any) -> int | None:
    number = constant(operand)
    return None if number is None else -number


def _is_accumulator(operand: Any) -> bool:
    return isinstance(operand, TensorLoad) and is_computed(operand)
