"""The instructions of a program as they are written, with the micro-ops that they execute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from heron_ms.errors import FaultError
from heron_ms.hardware.vta import UOP, Vta
from heron_ms.measure.vta.fold import Folded
from heron_ms.measure.vta.instructions import MEMORIES, Compute, Opcode, Transfer
from heron_ms.measure.vta.tokens import Span, Step
from heron_ms.measure.vta.uops import Uops, pack

_FACTORS = (("dst_out", "dst_in"), ("src_out", "src_in"), ("wgt_out", "wgt_in"))


@dataclass
class Writer:
    """``steps`` are the instructions so far, ``uops`` the micro-ops in DRAM."""

    machine: Vta
    steps: list[Step] = field(default_factory=list)
    uops: list[Uops] = field(default_factory=list)
    _cached: dict[bytes, int] = field(default_factory=dict)
    _known: dict[tuple[int, tuple[int, ...]], tuple[Folded, Uops]] = field(default_factory=dict)
    _top: int = 0
    _loaded: int = 0

    def transfer(
        self, opcode: Opcode, memory: str, reads: Span | None, writes: Span | None, **fields: int
    ) -> None:
        """A LOAD or a STORE."""
        given = Transfer(opcode, memory=MEMORIES.index(memory), **fields)
        self.steps.append(Step(given, _spans(reads), _spans(writes)))

    def compute(
        self,
        opcode: Opcode,
        folded: Folded,
        starts: Sequence[int],
        reads: Sequence[Span],
        writes: Sequence[Span],
        **fields: int,
    ) -> None:
        """A GEMM or an ALU instruction whose operands begin at ``starts``."""
        words = self._packed(folded, tuple(starts))
        begin = self._place(words)
        both = zip(folded.outer.factors, folded.inner.factors, strict=True)
        factors = {
            name: factor
            for names, given in zip(_FACTORS, both, strict=True)
            for name, factor in zip(names, given, strict=True)
        }
        loops = {"iter_out": folded.outer.extent, "iter_in": folded.inner.extent}
        uops = {"uop_bgn": begin, "uop_end": begin + len(words)}
        instruction = Compute(opcode, **uops, **loops, **factors, **fields)
        self.steps.append(Step(instruction, tuple(reads), tuple(writes)))

    def _packed(self, folded: Folded, starts: tuple[int, ...]) -> Uops:
        """Micro-ops whose operands begin somewhere."""
        key = (id(folded), starts)
        if key not in self._known:
            moved = zip(folded.places, starts, strict=True)
            words = pack([places + start for places, start in moved], self.machine)
            self._known[key] = folded, words
        return self._known[key][1]

    def finish(self, reads: Sequence[Span], uop_base: int) -> None:
        """The end, when all is over that wrote ``reads``; the micro-ops lie at ``uop_base``."""
        for step in self.steps:
            given = step.instruction
            if isinstance(given, Transfer) and given.opcode == Opcode.LOAD and not given.memory:
                given.dram += uop_base
        self.steps.append(Step(Compute(Opcode.FINISH), tuple(reads)))

    def _place(self, words: Uops) -> int:
        """Where a sequence lies in the memory of micro-ops; loaded unless it is there."""
        key, depth = words.tobytes(), self.machine.depth(UOP)
        if key in self._cached:
            return self._cached[key]
        if len(words) > depth:
            raise FaultError(f"{len(words)} micro-ops in one instruction", "capacity")
        if self._top + len(words) > depth:
            self._cached, self._top = {}, 0
        begin = self._top
        fields: dict[str, Any] = {"sram": begin, "dram": self._loaded}
        size = len(words)
        self.transfer(Opcode.LOAD, UOP, None, None, **fields, y=1, x=size, stride=size)
        self.uops.append(words)
        self._cached[key], self._top = begin, begin + size
        self._loaded += size
        return begin

    @property
    def all_uops(self) -> Uops:
        """The micro-ops as they lie in DRAM."""
        return np.concatenate([np.zeros(0, np.uint32), *self.uops])


def _spans(span: Span | None) -> tuple[Span, ...]:
    return () if span is None else (span,)
