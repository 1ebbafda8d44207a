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

from heron_ms._tvm import IRModule, PrimFunc, SBlock, collect, s_tir_transform, tirx
from heron_ms.errors import FaultError
from heron_ms.hardware.vta import UOP, Vta
from heron_ms.measure.vta.dram import Dram
from heron_ms.measure.vta.emit import Emitter
from heron_ms.measure.vta.instructions import Instruction, Words, encode
from heron_ms.measure.vta.rows import rows_of
from heron_ms.measure.vta.tokens import EVERYWHERE, synchronise
from heron_ms.measure.vta.uops import Uops
from heron_ms.measure.vta.writer import Writer

Tensors = dict[Any, NDArray[Any]]
"""What each tensor in DRAM holds."""


@dataclass(frozen=True)
class Part:
    """Statements of one side: the chip's (``on_chip``) or the caller's."""

    on_chip: bool
    statements: tuple[Any, ...]


@dataclass(frozen=True)
class Program:
    """Instructions, and what lies in DRAM: tensors, and behind them the micro-ops."""

    instructions: tuple[Instruction, ...]
    uops: Uops
    dram: Dram

    def words(self, machine: Vta) -> Words:
        """As the machine takes it; raises `FaultError` where a field is too narrow."""
        return encode(self.instructions, machine)

    def image(self, held: Tensors) -> NDArray[np.uint8]:
        """The bytes of DRAM, when tensors hold some arrays."""
        memory = np.zeros(self.dram.top + self.uops.nbytes, np.uint8)
        for tensor, layout in self.dram.layouts.items():
            data = layout.laid_out(held[tensor])
            memory[self.dram.addresses[tensor] :][: data.size] = data
        memory[self.dram.top :] = self.uops.view(np.uint8)
        return memory

    def take(self, memory: NDArray[np.uint8], held: Tensors) -> None:
        """Let tensors hold what is in DRAM."""
        for tensor, layout in self.dram.layouts.items():
            old = held[tensor]
            size = prod(layout.sizes) * old.itemsize
            data = memory[self.dram.addresses[tensor] :][:size]
            held[tensor] = layout.taken(data, old.dtype, old.shape)


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
    """A lowered function's statements: each of the chip's alone, those of the caller's together.

    A nest may load what the one before it has stored. No token says that it waits for that, as the
    modules for the two are no neighbours; a program that begins when the other has finished does.
    """
    body = func.body
    while hasattr(body, "block"):
        body = body.block.body
    statements = list(body.seq) if isinstance(body, tirx.SeqStmt) else [body]
    sides = groupby(statements, key=lambda statement: _is_on_chip(statement, machine))
    return [part for on_chip, of_side in sides for part in _parts(on_chip, tuple(of_side))]


def _parts(on_chip: bool, statements: tuple[Any, ...]) -> list[Part]:
    if not on_chip:
        return [Part(on_chip, statements)]
    return [Part(on_chip, (statement,)) for statement in statements]


def _is_on_chip(statement: Any, machine: Vta) -> bool:
    buffers = [buffer for block in collect(statement, SBlock) for buffer in block.alloc_buffers]
    return any(machine.memory_at(str(buffer.scope())) is not None for buffer in buffers)


def tensors(func: PrimFunc) -> list[Any]:
    """The tensors in DRAM: arguments, and what is between the parts."""
    between = [buffer for block in collect(func.body, SBlock) for buffer in block.alloc_buffers]
    return [*func.params, *(buffer for buffer in between if str(buffer.scope()) == "global")]


def emit(part: Part, given: Sequence[Any], machine: Vta) -> Program:
    """The instructions of a part of the chip's; raises `FaultError` for what none does."""
    writer, dram = Writer(machine), Dram(tuple(given))
    emitter = Emitter(writer, dram, rows_of(part.statements))
    for statement in part.statements:
        emitter.walk(statement, {})
    writer.finish([("dram", 0, EVERYWHERE)], dram.top // machine.element_bytes(UOP))
    synchronise(writer.steps)
    instructions = tuple(step.instruction for step in writer.steps)
    return Program(instructions, writer.all_uops, dram)
