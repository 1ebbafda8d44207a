"""What is computed of an accumulator before it is stored, as a chain of ALU operations."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import Cast, RShift, Sub, TensorLoad, constant
from heron_ms.errors import FaultError
from heron_ms.intrinsics.vta_alu import OPERATIONS, keeps_bits
from heron_ms.measure.vta.instructions import Alu

_OPERATIONS = {kind: Alu[name] for kind, name in OPERATIONS.items()}


@dataclass(frozen=True)
class Operation:
    """An operation with a number, or with what ``other`` loads from a tile of accumulators."""

    alu: Alu
    immediate: int = 0
    other: TensorLoad | None = None


def chain_of(value: Any, held: Collection[Any]) -> tuple[TensorLoad, list[Operation]]:
    """The accumulator that a value is made of, and what is done with it, first to last.

    held: the buffers that products were summed up in. Raises `FaultError` for what the ALU does not
    compute of one of these.
    """
    if isinstance(value, TensorLoad) and value.source in held:
        return value, []
    if isinstance(value, Cast):
        return _cast(value, held)
    if isinstance(value, Sub) and constant(value.b) is not None:
        load, chain = chain_of(value.a, held)
        return load, [*chain, Operation(Alu.ADD, -(constant(value.b) or 0))]
    if type(value) not in _OPERATIONS:
        raise FaultError(f"the ALU does not compute {value}", "affine")
    inner, other = value.a, value.b
    if isinstance(inner, TensorLoad) and inner.source not in held and not isinstance(value, RShift):
        inner, other = other, inner
    load, chain = chain_of(inner, held)
    return load, [*chain, _operation(_OPERATIONS[type(value)], other)]


def _cast(cast: Cast, held: Collection[Any]) -> tuple[TensorLoad, list[Operation]]:
    """What is behind a cast."""
    if not keeps_bits(cast):
        raise FaultError(f"the ALU does not compute {cast}", "affine")
    return chain_of(cast.value, held)


def _operation(alu: Alu, operand: Any) -> Operation:
    if constant(operand) is not None:
        return Operation(alu, constant(operand) or 0)
    if not isinstance(operand, TensorLoad):
        raise FaultError(f"the ALU takes numbers and accumulators, not {operand}", "affine")
    return Operation(alu, other=operand)
