"""A functional simulator of VTA: what instructions compute, and every fault that they make.

Semantics: apache/tvm-vta, include/vta/hw_spec.h. Where the cores differ from the functional
simulator of that repository, the cores are followed: a store reads the shadow of the accumulators
that GEMM and ALU write and loads do not. Cycles are another matter (`timing`).
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from heron_ms.errors import FaultError
from heron_ms.hardware.vta import ACC, INP, OUT, UOP, WGT, Vta
from heron_ms.measure.vta.instructions import (
    MEMORIES,
    Alu,
    Compute,
    Instruction,
    Module,
    Opcode,
    Transfer,
)
from heron_ms.measure.vta.memories import Places, Visitor
from heron_ms.measure.vta.queues import DEPTH, QUEUES, Queue, given, taken
from heron_ms.measure.vta.uops import unpack

ORDER = (Module.LOAD, Module.COMPUTE, Module.STORE)
_WORD = 4
_AT_ONCE = 8192

_ALU = {
    Alu.MIN: np.minimum,
    Alu.MAX: np.maximum,
    Alu.ADD: np.add,
    Alu.SHR: np.right_shift,
    Alu.MUL: np.multiply,
}


class Simulator:
    """A machine with a DRAM image of bytes, which it changes.

    counts: after `run`, bytes loaded into each memory ("inp bytes", ..., without pads), "out
    bytes", steps of the matrix unit ("gemm", without resets) and of the ALU ("alu"), and the
    "tokens" that waited in one queue at most.
    """

    def __init__(self, machine: Vta, dram: NDArray[np.uint8]) -> None:
        self.machine = machine
        self.counts: Counter[str] = Counter()
        depth, batch, block = machine.depth, machine.batch, machine.block
        self._dram = Places("DRAM", dram.view(np.uint32), known=True)
        self._memories = {
            UOP: Places(UOP, np.zeros(depth(UOP), np.uint32)),
            WGT: Places(WGT, np.zeros((depth(WGT), block, block), np.int8)),
            INP: Places(INP, np.zeros((depth(INP), batch, block), np.int8)),
            ACC: Places(ACC, np.zeros((depth(ACC), batch, block), np.int32)),
        }
        self._shadow = np.zeros((depth(ACC), batch, block), np.int8)
        self._is_fresh = np.zeros(depth(ACC), bool)
        self._clocks = np.zeros((len(Module), len(Module)), np.int32)
        self._tokens: dict[Queue, deque[NDArray[np.int32]]] = {queue: deque() for queue in QUEUES}

    def run(self, program: Sequence[Instruction], order: Sequence[Module] = ORDER) -> None:
        """Execute instructions, each module as far as its tokens allow, the modules in ``order``.

        Raises `FaultError` for whatever the machine would do wrong, and where it would hang.
        """
        waiting = {module: deque[Instruction]() for module in Module}
        for instruction in program:
            waiting[instruction.module].append(instruction)
        while any(waiting.values()):
            if not any([self._advance(waiting[module]) for module in order]):
                held = ", ".join(f"{len(waiting[module])} of {module.name}" for module in Module)
                raise FaultError(f"all modules wait for tokens: {held} are left", "token")
        last = program[-1] if program else None
        if last is None or last.opcode != Opcode.FINISH:
            raise FaultError("the last instruction is no FINISH", "token")
        left = sum(map(len, self._tokens.values()))
        if left:
            raise FaultError(f"{left} tokens are left at the end", "token")

    def _advance(self, waiting: deque[Instruction]) -> bool:
        """Execute what a module can; whether there was anything."""
        moved = False
        while waiting and all(self._tokens[queue] for queue in taken(waiting[0])):
            self._execute(waiting.popleft())
            moved = True
        return moved

    def _execute(self, instruction: Instruction) -> None:
        clock = self._clocks[instruction.module]
        for queue in taken(instruction):
            np.maximum(clock, self._tokens[queue].popleft(), out=clock)
        clock[instruction.module] += 1
        visitor = Visitor(instruction.module, clock)
        if isinstance(instruction, Transfer):
            (self._store if instruction.opcode == Opcode.STORE else self._load)(
                instruction, visitor
            )
        elif isinstance(instruction, Compute) and instruction.opcode != Opcode.FINISH:
            self._compute(instruction, visitor)
        for queue in given(instruction):
            self._tokens[queue].append(clock.copy())
            self.counts["tokens"] = max(self.counts["tokens"], len(self._tokens[queue]))
            if len(self._tokens[queue]) > DEPTH:
                raise FaultError(f"more than {DEPTH} tokens wait in a queue", "token")

    def _words(self, given: Transfer, size: int) -> NDArray[np.int64]:
        """Where in DRAM the rows of a transfer lie, (y, x, words of an element)."""
        rows = given.dram + given.stride * np.arange(given.y)[:, None] + np.arange(given.x)
        words: NDArray[np.int64] = rows[..., None] * (size // _WORD) + np.arange(size // _WORD)
        return words

    def _load(self, given: Transfer, visitor: Visitor) -> None:
        name = MEMORIES[given.memory]
        memory, size = self._memories[name], self.machine.element_bytes(name)
        pads = ((given.y_pad_0, given.y_pad_1), (given.x_pad_0, given.x_pad_1), (0, 0))
        if name in (UOP, WGT) and np.any(pads):
            raise FaultError(f"a load of {name} with padding", "field")
        words = self._words(given, size)
        data = self._dram.read(words.reshape(-1), visitor).reshape(words.shape)
        self.counts[f"{name} bytes"] += data.nbytes
        elements = np.pad(data, pads).reshape(-1, size // _WORD)
        shape = (len(elements), *memory.data.shape[1:])
        at = np.arange(given.sram, given.sram + len(elements))
        memory.write(at, elements.view(memory.data.dtype).reshape(shape), visitor)
        if name == ACC:
            self._is_fresh[at] = False

    def _store(self, given: Transfer, visitor: Visitor) -> None:
        at = np.arange(given.sram, given.sram + given.y * given.x)
        self._memories[ACC].read(at, visitor)
        if not self._is_fresh[at].all():
            raise FaultError("an accumulator is stored that no GEMM or ALU wrote last", "stale")
        words = self._words(given, self.machine.element_bytes(OUT))
        values = self._shadow[at].reshape(-1).view(np.uint32)
        self._dram.write(words.reshape(-1), values, visitor)
        self.counts["out bytes"] += values.nbytes

    def _compute(self, given: Compute, visitor: Visitor) -> None:
        dst, src, wgt = self._places(given, visitor)
        if given.opcode == Opcode.ALU:
            self._alu(given, dst, src, visitor)
        elif given.reset:
            self._memories[ACC].write(dst, 0, visitor)
            self._is_fresh[dst] = False
        else:
            self._gemm(dst, src, wgt, visitor)

    def _places(self, given: Compute, visitor: Visitor) -> list[NDArray[np.int64]]:
        """The accumulator, the input and the weight of each step."""
        words = self._memories[UOP].read(np.arange(given.uop_bgn, given.uop_end), visitor)
        outer, inner = np.ogrid[: given.iter_out, : given.iter_in]
        factors = (
            (given.dst_out, given.dst_in),
            (given.src_out, given.src_in),
            (given.wgt_out, given.wgt_in),
        )
        return [
            ((outer * out + inner * within)[..., None] + base).reshape(-1)
            for (out, within), base in zip(factors, unpack(words, self.machine), strict=True)
        ]

    def _alu(
        self, given: Compute, dst: NDArray[np.int64], src: NDArray[np.int64], visitor: Visitor
    ) -> None:
        self.counts["alu"] += len(dst)
        memory = self._memories[ACC]
        other = given.imm if given.use_imm else memory.read(src, visitor)
        self._put(dst, _ALU[Alu(given.alu)](memory.read(dst, visitor), other), visitor)

    def _gemm(
        self,
        dst: NDArray[np.int64],
        src: NDArray[np.int64],
        wgt: NDArray[np.int64],
        visitor: Visitor,
    ) -> None:
        self.counts["gemm"] += len(dst)
        self._check_distance(dst)
        at, places = np.unique(dst, return_inverse=True)
        old = self._memories[ACC].read(at, visitor)
        inputs = self._memories[INP].read(src, visitor)
        weights = self._memories[WGT].read(wgt, visitor).transpose(0, 2, 1)
        sums = np.zeros_like(old)
        for part in (slice(a, a + _AT_ONCE) for a in range(0, len(dst), _AT_ONCE)):
            # float32 is exact: a product of bytes is at most 2**14, a sum of a block below 2**24.
            products = inputs[part].astype(np.float32) @ weights[part].astype(np.float32)
            np.add.at(sums, places[part], products.astype(np.int32))
        self._put(at, old + sums, visitor)

    def _check_distance(self, dst: NDArray[np.int64]) -> None:
        """Raise `FaultError` where an accumulator is updated again before its update is written."""
        for steps in range(1, self.machine.update_distance):
            soon = np.count_nonzero(dst[steps:] == dst[:-steps])
            if soon:
                words = f"{soon} of {len(dst)} updates of an accumulator come {steps} steps after"
                raise FaultError(f"{words} one of the same", "distance")

    def _put(self, dst: NDArray[np.int64], values: NDArray[np.int32], visitor: Visitor) -> None:
        """Write accumulators, and the low bytes of them to their shadow: nothing saturates."""
        self._memories[ACC].write(dst, values, visitor)
        self._shadow[dst] = values.astype(np.int8)
        self._is_fresh[dst] = True
