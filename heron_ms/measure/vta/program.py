"""From a scheduled program to what VTA executes, and what is left to whoever calls it.

What stands around the loops that touch the chip (an operand that is padded or laid out, a result
that is cropped) is the caller's part: it runs before and behind, on a CPU.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import IRModule, PrimFunc, SBlock, collect, itemsize, s_tir_transform, tirx
from heron_ms.errors import FaultError
from heron_ms.hardware.vta import Vta
from heron_ms.measure.vta.emit import Emitter
from heron_ms.measure.vta.instructions import Instruction, Words, encode
from heron_ms.measure.vta.tokens import EVERYWHERE, synchronise
from heron_ms.measure.vta.uops import Uops
from heron_ms.measure.vta.writer import Writer

_PAGE = 4096


@dataclass(frozen=True)
class Part:
    """Statements of one side: the chip's (``on_chip``) or the caller's."""

    on_chip: bool
    statements: tuple[Any, ...]


@dataclass(frozen=True)
class Program:
    """Instructions, micro-ops, and where tensors lie in DRAM, in bytes; ``size`` of all of it."""

    instructions: tuple[Instruction, ...]
    uops: Uops
    uop_address: int
    addresses: dict[Any, int]
    size: int

    def words(self, machine: Vta) -> Words:
        """As the machine takes it; raises `FaultError` where a field is too narrow."""
        return encode(self.instructions, machine)


def lowered(mod: IRModule) -> PrimFunc:
    """The one function of a module with every buffer cut to its tile, where the tile is used.

    Raises `FaultError` where there is not one function.
    """
    for name in (
        "PlanAndUpdateBufferAllocationLocation",
        "ConvertBlocksToOpaque",
        "CompactBufferAllocation",
        "LowerMatchBuffer",
    ):
        mod = getattr(s_tir_transform, name)()(mod)
    functions = [func for _, func in mod.functions_items() if isinstance(func, PrimFunc)]
    if len(functions) != 1:
        raise FaultError(f"{len(functions)} functions in a module, not one", "affine")
    return functions[0]


def parts(func: PrimFunc, machine: Vta) -> list[Part]:
    """A lowered function's statements, in turn the chip's and the caller's."""
    body = func.body
    while hasattr(body, "block"):
        body = body.block.body
    statements = list(body.seq) if isinstance(body, tirx.SeqStmt) else [body]
    sides = groupby(statements, key=lambda statement: _is_on_chip(statement, machine))
    return [Part(on_chip, tuple(of_side)) for on_chip, of_side in sides]


def _is_on_chip(statement: Any, machine: Vta) -> bool:
    buffers = [buffer for block in collect(statement, SBlock) for buffer in block.alloc_buffers]
    return any(machine.memory_of(str(buffer.scope())) is not None for buffer in buffers)


def tensors(func: PrimFunc) -> list[Any]:
    """The tensors in DRAM: arguments, and what is between the parts."""
    between = [buffer for block in collect(func.body, SBlock) for buffer in block.alloc_buffers]
    return [*func.params, *(buffer for buffer in between if str(buffer.scope()) == "global")]


def emit(part: Part, buffers: Sequence[Any], machine: Vta) -> Program:
    """The instructions of a part of the chip's; raises `FaultError` for what none does."""
    addresses, top = {}, 0
    for buffer in buffers:
        addresses[buffer] = top
        size = prod(int(extent) for extent in buffer.shape) * itemsize(buffer)
        top += -(-size // _PAGE) * _PAGE
    writer = Writer(machine, top // 4)
    emitter = Emitter(writer, addresses)
    for statement in part.statements:
        emitter.walk(statement, {})
    writer.finish([("dram", 0, EVERYWHERE)])
    synchronise(writer.steps)
    instructions = tuple(step.instruction for step in writer.steps)
    uops = writer.all_uops
    return Program(instructions, uops, top, addresses, top + uops.nbytes)


def image(program: Program, arrays: dict[Any, NDArray[Any]]) -> NDArray[np.uint8]:
    """DRAM with tensors and micro-ops in it."""
    memory = np.zeros(program.size, np.uint8)
    for buffer, array in arrays.items():
        data = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        memory[program.addresses[buffer] :][: data.size] = data
    memory[program.uop_address :] = program.uops.view(np.uint8)
    return memory
