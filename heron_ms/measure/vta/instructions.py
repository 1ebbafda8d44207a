"""VTA's instructions, and their encoding in 128 bits.

Source: apache/tvm-vta, include/vta/hw_spec.h; hardware/chisel's core/Decode.scala agrees bit by
bit. The widths of fields follow from the depths of the memories.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from heron_ms.errors import FaultError
from heron_ms.hardware.vta import ACC, INP, OUT, UOP, WGT, Vta

Words = NDArray[np.uint64]
"""A program as the machine takes it: two words of 64 bits an instruction, the low one first."""


class Opcode(IntEnum):
    """The first three bits."""

    LOAD, STORE, GEMM, FINISH, ALU = range(5)


class Alu(IntEnum):
    """Operations of the ALU. MUL is in hw_spec.h but not in the HLS and Chisel cores."""

    MIN, MAX, ADD, SHR, MUL = range(5)


class Module(IntEnum):
    """What executes instructions, each module one at a time and in order."""

    LOAD, COMPUTE, STORE = range(3)


MEMORIES = (UOP, WGT, INP, ACC, OUT)
"""By the number that an instruction calls them."""


@dataclass
class Instruction:
    """What every instruction has: the tokens that it waits for, and those that it gives."""

    opcode: Opcode
    pop_prev: int = 0
    pop_next: int = 0
    push_prev: int = 0
    push_next: int = 0

    @property
    def module(self) -> Module:
        """What executes it."""
        return Module.COMPUTE


@dataclass
class Transfer(Instruction):
    """A LOAD or a STORE of ``y`` rows of ``x`` elements that lie ``stride`` apart in DRAM.

    memory: its number in `MEMORIES`. sram, dram: the first element. The pads are zeros around the
    rows in SRAM, in elements: rows of them before and after, and columns.
    """

    memory: int = 0
    sram: int = 0
    dram: int = 0
    y: int = 0
    x: int = 0
    stride: int = 0
    y_pad_0: int = 0
    y_pad_1: int = 0
    x_pad_0: int = 0
    x_pad_1: int = 0

    @property
    def module(self) -> Module:
        """The load module has inp and wgt, the compute module loads for itself."""
        if self.opcode == Opcode.STORE:
            return Module.STORE
        return Module.LOAD if MEMORIES[self.memory] in (INP, WGT) else Module.COMPUTE

    @property
    def elements(self) -> int:
        """How many elements of SRAM it fills or empties."""
        return (self.y_pad_0 + self.y + self.y_pad_1) * (self.x_pad_0 + self.x + self.x_pad_1)


@dataclass
class Compute(Instruction):
    """A GEMM, an ALU or a FINISH: two loops around a sequence of micro-ops.

    The factors move the micro-ops' accumulator (dst), input (src) and weight (wgt) by an
    iteration of the outer and of the inner loop. alu: an `Alu`, of the accumulators dst and src, or
    of dst and ``imm``.
    """

    reset: int = 0
    uop_bgn: int = 0
    uop_end: int = 0
    iter_out: int = 0
    iter_in: int = 0
    dst_out: int = 0
    dst_in: int = 0
    src_out: int = 0
    src_in: int = 0
    wgt_out: int = 0
    wgt_in: int = 0
    alu: int = 0
    use_imm: int = 0
    imm: int = 0

    @property
    def steps(self) -> int:
        """How many micro-ops it executes."""
        return self.iter_out * self.iter_in * (self.uop_end - self.uop_bgn)


Fields = Sequence[tuple[str, int]]
"""Names of fields, "" for bits without a use, and their widths, from the lowest bit on."""

_HEAD = [("opcode", 3), ("pop_prev", 1), ("pop_next", 1), ("push_prev", 1), ("push_next", 1)]
_PADS = [(pad, 4) for pad in ("y_pad_0", "y_pad_1", "x_pad_0", "x_pad_1")]
_TRANSFER = [
    *(*_HEAD, ("memory", 3), ("sram", 16), ("dram", 32), ("", 6)),
    *(("y", 16), ("x", 16), ("stride", 16), *_PADS),
]


def fields(opcode: Opcode, machine: Vta) -> Fields:
    """The fields of an instruction of a machine."""
    if opcode in (Opcode.LOAD, Opcode.STORE):
        return _TRANSFER
    bits = {memory: machine.depth(memory).bit_length() - 1 for memory in (UOP, WGT, INP, ACC)}
    common = [
        *(*_HEAD, ("reset", 1), ("uop_bgn", bits[UOP]), ("uop_end", bits[UOP] + 1)),
        *(("iter_out", 14), ("iter_in", 14), ("", 64 - 36 - 2 * bits[UOP] - 1)),
        *(("dst_out", bits[ACC]), ("dst_in", bits[ACC])),
        *(("src_out", bits[INP]), ("src_in", bits[INP])),
    ]
    if opcode == Opcode.ALU:
        return [*common, ("alu", 3), ("use_imm", 1), ("imm", 16)]
    return [*common, ("wgt_out", bits[WGT]), ("wgt_in", bits[WGT])]


def encode(program: Sequence[Instruction], machine: Vta) -> Words:
    """Instructions as words; raises `FaultError` where a field is too narrow for its value."""
    formats = {opcode: fields(opcode, machine) for opcode in Opcode}
    words = np.zeros((len(program), 2), np.uint64)
    for at, instruction in enumerate(program):
        try:
            value = _packed(instruction, formats[instruction.opcode])
        except FaultError as error:
            raise FaultError(f"instruction {at}: {error}", error.kind) from error
        words[at] = value & (1 << 64) - 1, value >> 64
    return words


def _packed(instruction: Instruction, form: Fields) -> int:
    value, bit = 0, 0
    for name, width in form:
        field = int(getattr(instruction, name)) if name else 0
        low, high = (-(1 << width - 1), 1 << width - 1) if name == "imm" else (0, 1 << width)
        if not low <= field < high:
            raise FaultError(f"{name} = {field} does not fit {width} bits", "field")
        value |= (field & (1 << width) - 1) << bit
        bit += width
    return value


def decode(words: Words, machine: Vta) -> list[Instruction]:
    """The inverse of `encode`; raises `FaultError` for an opcode that is none."""
    return [_unpacked(low | high << 64, machine) for low, high in words.tolist()]


def _unpacked(value: int, machine: Vta) -> Instruction:
    if value & 7 not in set(Opcode):
        raise FaultError(f"no instruction has the opcode {value & 7}", "field")
    opcode = Opcode(value & 7)
    kind = Transfer if opcode in (Opcode.LOAD, Opcode.STORE) else Compute
    instruction = kind(opcode)
    for name, field in _parts(value, fields(opcode, machine)):
        setattr(instruction, name, field)
    instruction.opcode = opcode
    return instruction


def _parts(value: int, form: Fields) -> Iterator[tuple[str, int]]:
    for name, width in form:
        field, value = value & (1 << width) - 1, value >> width
        if name == "imm" and field >> width - 1:
            field -= 1 << width
        if name:
            yield name, field
