"""A compiled program: instructions for the chip, and what the caller does around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import IRModule, PrimFunc, SBlock, Target, collect, load_json, save_json, tirx
from heron_ms.errors import FaultError
from heron_ms.hardware import host
from heron_ms.hardware.vta import Vta
from heron_ms.measure.cpu.device import CpuDevice
from heron_ms.measure.vta.instructions import decode
from heron_ms.measure.vta.program import Part, Program, Tensors, emit, lowered, parts, tensors
from heron_ms.measure.vta.simulator import Simulator
from heron_ms.measure.vta.timing import Cycles, cycles


@dataclass(frozen=True)
class Kernel:
    """A lowered function: in turn what the chip executes and what the caller computes."""

    machine: Vta
    func: PrimFunc
    programs: tuple[Part | Program, ...]

    @classmethod
    def of(cls, mod: IRModule, machine: Vta) -> Kernel:
        """Lower and emit a scheduled module of one function.

        Raises `FaultError` for what the machine does not do, and where it has nothing to do.
        """
        func = lowered(mod)
        buffers = tensors(func)
        made = tuple(
            emit(part, buffers, machine) if part.on_chip else part for part in parts(func, machine)
        )
        if not any(isinstance(part, Program) for part in made):
            raise FaultError("no statement of it is for the chip", "affine")
        return cls(machine, func, made)

    @property
    def emitted(self) -> list[Program]:
        """What the chip executes."""
        return [program for program in self.programs if isinstance(program, Program)]

    @cached_property
    def cycles(self) -> list[Cycles]:
        """Of each program of the chip."""
        return [cycles(program.instructions, self.machine) for program in self.emitted]

    @property
    def seconds(self) -> float:
        """What the chip takes by the model of time, without the caller's part."""
        return sum(program.total for program in self.cycles) / self.machine.hertz

    @property
    def left(self) -> list[str]:
        """The names of the caller's blocks, in order."""
        parts = [part for part in self.programs if isinstance(part, Part)]
        blocks = [block for part in parts for each in part.statements for block in blocks_of(each)]
        return [str(block.name_hint) for block in blocks]

    def __getitem__(self, name: str) -> Kernel:
        """Its one function, by whatever name."""
        return self

    def run(
        self, arrays: Sequence[NDArray[Any]], counts: Counter[str] | None = None
    ) -> list[NDArray[Any]]:
        """What the arguments hold after a call.

        The chip is simulated, and the caller's parts run on this CPU. counts: what the simulator
        counts is added to it (`Simulator`). Raises `FaultError` for a fault of the simulator.
        """
        held = {buffer: _empty(buffer) for buffer in tensors(self.func)}
        held.update(zip(self.func.params, (array.copy() for array in arrays), strict=True))
        for program in self.programs:
            if isinstance(program, Program):
                counted = self._simulate(program, held)
                if counts is not None:
                    counts.update(counted)
            else:
                _compute(program, held)
        return [held[param] for param in self.func.params]

    def _simulate(self, program: Program, held: Tensors) -> Counter[str]:
        memory = program.image(held)
        simulator = Simulator(self.machine, memory)
        # Of the words, so that what is executed is what would be sent.
        simulator.run(decode(program.words(self.machine), self.machine))
        program.take(memory, held)
        return simulator.counts


def blocks_of(statement: Any) -> list[Any]:
    """The blocks of a statement that compute something."""
    return [block for block in collect(statement, SBlock) if len(block.writes)]


def _empty(buffer: Any) -> NDArray[Any]:
    return np.zeros([int(extent) for extent in buffer.shape], str(buffer.dtype))


def _compute(part: Part, held: Tensors) -> None:
    """Run statements of the caller's on this CPU."""
    body = part.statements[0] if len(part.statements) == 1 else tirx.SeqStmt(part.statements)
    func = PrimFunc(list(held), body).with_attr("global_symbol", "main").with_attr("s_tir", True)
    results = CpuDevice(host()).call(
        _compiled(save_json(IRModule({"main": func}))), list(held.values())
    )
    held.update(zip(held, results, strict=True))


@lru_cache(maxsize=64)
def _compiled(text: str) -> Any:
    """The caller's part of a program, which is the same for all schedules of it."""
    here = host().with_cores(1)
    return CpuDevice(here).compile(load_json(text), Target(here.target()))["main"]
