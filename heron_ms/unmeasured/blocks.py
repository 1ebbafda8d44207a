"""What the rules of this room ask of the blocks of a schedule."""

from __future__ import annotations

from math import prod
from typing import Any

from heron_ms._tvm import (
    LoopRV,
    SBlockRV,
    Schedule,
    ScheduleError,
    TensorLoad,
    collect,
    constant,
    itemsize,
    reduces,
    uses,
)
from heron_ms.errors import DynamicShapeError
from heron_ms.hardware import Cpu


def blocks_of(sch: Schedule) -> list[SBlockRV]:
    """The blocks of "main" under its root, in the order of the program."""
    body = sch.mod["main"].body
    return list(sch.get_child_blocks(sch.get_sblock(str(body.block.name_hint))))


def extent(sch: Schedule, loop: LoopRV) -> int:
    """How often a loop runs; raises `DynamicShapeError` where that is not constant."""
    value = constant(sch.get(loop).extent)
    if value is None:
        raise DynamicShapeError("a loop does not run a constant number of times")
    return value


def is_reduction(sch: Schedule, block: SBlockRV) -> bool:
    """Whether an iterator of a block is one of a reduction."""
    return any(reduces(iterator) for iterator in sch.get(block).iter_vars)


def is_output(sch: Schedule, block: SBlockRV) -> bool:
    """Whether a block writes an argument of the function."""
    params = list(sch.mod["main"].params)
    written = [region.source for region in sch.get(block).writes]
    return any(buffer.same_as(param) for buffer in written for param in params)


def lanes_of(sch: Schedule, block: SBlockRV, machine: Cpu) -> int:
    """Elements of a vector of the widest type that a block writes or reads."""
    node = sch.get(block)
    widest = max(itemsize(region.source) for region in [*node.writes, *node.reads])
    return max(1, machine.vector_bytes // widest)


def iterations(sch: Schedule, block: SBlockRV) -> int:
    """How often a block runs."""
    return prod(constant(iterator.dom.extent) or 1 for iterator in sch.get(block).iter_vars)


def contiguous_reads(sch: Schedule, block: SBlockRV, iterator: Any) -> bool:
    """Whether the last index of what a block reads is this iterator."""
    loads = [load for load in collect(sch.get(block).body, TensorLoad) if len(load.indices)]
    return any(uses(load.indices[-1], iterator.var) for load in loads)


def attempt(action: Any, *arguments: Any) -> bool:
    """Whether TVM's primitive accepts its arguments; nothing is changed where it does not."""
    try:
        action(*arguments)
    except ScheduleError:
        return False
    return True
