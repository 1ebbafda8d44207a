"""What is computed of an accumulator before it is stored, as a chain of ALU operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import Add, Cast, RShift, Sub, TensorLoad, constant, tirx
from heron_ms.errors import FaultError
from heron_ms.measure.vta.instructions import Alu

_OPERATIONS: dict[type[Any], Alu] = {
    tirx.Min: Alu.MIN,
    tirx.Max: Alu.MAX,
    Add: Alu.ADD,
    RShift: Alu.SHR,
}


@dataclass(frozen=True)
class Operation:
    """An operation with a number."""

    alu: Alu
    immediate: int


def chain_of(value: Any) -> tuple[TensorLoad, list[Operation]]:
    """The accumulator that a value is made of, and what is done with it, first to last.

    Raises `FaultError` for what the ALU does not compute.
    """
    if isinstance(value, TensorLoad):
        return value, []
    if isinstance(value, Cast):
        return chain_of(value.value)
    kind = type(value)
    if isinstance(value, Sub) and constant(value.b) is not None:
        load, chain = chain_of(value.a)
        return load, [*chain, Operation(Alu.ADD, -(constant(value.b) or 0))]
    if kind not in _OPERATIONS or constant(value.b) is None:
        raise FaultError(f"the ALU does not compute {value}", "affine")
    load, chain = chain_of(value.a)
    return load, [*chain, Operation(_OPERATIONS[kind], constant(value.b) or 0)]
