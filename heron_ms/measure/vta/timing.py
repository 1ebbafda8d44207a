"""How many cycles a program takes, by a model of events: fetching, modules, tokens, memory.

Each parameter is read off a source (`hardware.vta.Timing`) and none was calibrated on a board: what
the model says is an estimate, of more worth as a ratio of two programs than by itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from heron_ms.errors import FaultError
from heron_ms.hardware.vta import UOP, Timing, Vta
from heron_ms.measure.vta.instructions import (
    MEMORIES,
    Compute,
    Instruction,
    Module,
    Opcode,
    Transfer,
)
from heron_ms.measure.vta.queues import QUEUES, Queue, given, taken

_INSTRUCTION_BYTES = 16


@dataclass(frozen=True)
class Cycles:
    """Cycles of a program, and how many of them each module was busy."""

    total: int
    busy: dict[Module, int]

    @property
    def limit(self) -> Module:
        """The module that was busy longest."""
        return max(self.busy, key=lambda module: self.busy[module])


def cycles(program: Sequence[Instruction], machine: Vta) -> Cycles:
    """The cycles from launch to finish; raises `FaultError` where it would hang."""
    return _Run(program, machine).finish()


class _Run:
    """A run of a program; times are cycles since its launch."""

    def __init__(self, program: Sequence[Instruction], machine: Vta) -> None:
        self._machine, self._timing = machine, machine.timing
        self._waiting: dict[Module, deque[tuple[int, Instruction]]] = {m: deque() for m in Module}
        for due, instruction in zip(_fetched(len(program), machine.timing), program, strict=True):
            self._waiting[instruction.module].append((due, instruction))
        self._free = dict.fromkeys(Module, 0)
        self._busy = dict.fromkeys(Module, 0)
        self._reads, self._writes = 0, 0
        self._tokens: dict[Queue, deque[int]] = {queue: deque() for queue in QUEUES}

    def finish(self) -> Cycles:
        while any(self._waiting.values()):
            ready = [(self._ready(m), m) for m in Module if self._waiting[m]]
            known = [(time, module) for time, module in ready if time is not None]
            if not known:
                raise FaultError("all modules wait for tokens", "token")
            self._step(*min(known))
        return Cycles(max(self._free.values()), self._busy)

    def _ready(self, module: Module) -> int | None:
        """When a module can begin its next instruction; None while a token is missing."""
        due, instruction = self._waiting[module][0]
        queues = [self._tokens[queue] for queue in taken(instruction)]
        if not all(queues):
            return None
        return max([due, self._free[module], *(queue[0] for queue in queues)])

    def _step(self, begin: int, module: Module) -> None:
        _, instruction = self._waiting[module].popleft()
        for queue in taken(instruction):
            self._tokens[queue].popleft()
        end = begin + self._timing.start
        if isinstance(instruction, Transfer):
            end = self._moved(instruction, end)
        elif isinstance(instruction, Compute) and instruction.opcode != Opcode.FINISH:
            end += self._computing(instruction)
        for queue in given(instruction):
            self._tokens[queue].append(end)
        self._free[module] = end
        self._busy[module] += end - begin

    def _moved(self, transfer: Transfer, begin: int) -> int:
        """When a transfer is over: reads of tiles share one bus, writes have another."""
        timing, name = self._timing, MEMORIES[transfer.memory]
        row = transfer.x * self._machine.element_bytes(name)
        beats, bursts = -(-row // timing.bus), -(-row // timing.burst)
        stores = transfer.opcode == Opcode.STORE
        # A store reads its SRAM between two elements, and waits for each row to be acknowledged.
        extra = transfer.x + bursts * timing.ack if stores else bursts * timing.row
        moving = transfer.y * (beats + extra)
        end = begin + timing.latency + moving
        if stores:
            end = self._writes = max(end, self._writes + moving)
        elif name != UOP:  # too short to wait for its turn
            end = self._reads = max(end, self._reads + moving)
        return end

    def _computing(self, compute: Compute) -> int:
        if compute.opcode == Opcode.GEMM:
            return compute.steps + self._timing.gemm_depth
        operands = 1 if compute.use_imm else 2
        return compute.steps * self._timing.alu_interval * operands + self._timing.alu_depth


def _fetched(count: int, timing: Timing) -> list[int]:
    """When each instruction is handed out: fetched in bursts, then one a cycle."""
    due, times = 0, []
    for at in range(count):
        if at % timing.fetch == 0:
            beats = -(-min(timing.fetch, count - at) * _INSTRUCTION_BYTES // timing.bus)
            due += timing.latency + beats
        due += 1
        times.append(due)
    return times
