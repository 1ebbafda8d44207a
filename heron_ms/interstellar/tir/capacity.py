"""Whether what a program keeps in each scope of its own fits in the machine's banks."""

from __future__ import annotations

from math import prod
from typing import Any

from heron_ms._tvm import IRModule, PrimFunc, SBlock, collect, s_tir_transform
from heron_ms.hardware.accelerator import Accelerator
from heron_ms.interstellar.checks import demand
from heron_ms.interstellar.tir.accesses import bits


def check_capacity(program: PrimFunc | IRModule, machine: Accelerator) -> None:
    """Raise `ModelError`, naming the level and its bytes, where buffers do not fit.

    Buffers count as large as they are once TVM has cut them down to what is live; all buffers of a
    scope are taken to live at the same time.
    """
    held = held_bytes(program)
    for level in machine.memories:
        size = held.get(level.scope, 0)
        fits = level.scope == "global" or size <= level.capacity
        demand(fits, f"level {level.name}: {size} bytes do not fit in {level.capacity}")


def held_bytes(program: PrimFunc | IRModule) -> dict[str, int]:
    """Bytes of the buffers that a program allocates, by scope."""
    found: dict[str, int] = {}
    for _, func in _compacted(program).functions_items():
        for block in collect(func.body, SBlock):
            for buffer in block.alloc_buffers:
                size = prod(int(extent) for extent in buffer.shape) * bits(str(buffer.dtype)) // 8
                found[str(buffer.scope())] = found.get(str(buffer.scope()), 0) + size
    return found


def _compacted(program: PrimFunc | IRModule) -> Any:
    mod = program if isinstance(program, IRModule) else IRModule({"main": program})
    for lowering in (
        s_tir_transform.LowerInitBlock(),
        s_tir_transform.PlanAndUpdateBufferAllocationLocation(),
        s_tir_transform.ConvertBlocksToOpaque(),
        s_tir_transform.CompactBufferAllocation(),
    ):
        mod = lowering(mod)
    return mod
