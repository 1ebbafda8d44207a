"""A builder and a runner for MetaSchedule: build is lower and emit, run is the model of time."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np

from heron_ms._tvm import IRModule, derived_object
from heron_ms.hardware.vta import Vta
from heron_ms.measure.artifacts import ArtifactBuilder, ArtifactRunner
from heron_ms.measure.vta.instructions import decode
from heron_ms.measure.vta.kernel import Kernel
from heron_ms.measure.vta.timing import cycles


class _EmittingBuilder(ArtifactBuilder):
    """See `EmittingBuilder`."""

    def __init__(self, machine: Vta) -> None:
        super().__init__()
        self._machine = machine

    def made(self, mod: IRModule) -> bytes:
        programs, file = Kernel.of(mod, self._machine).emitted, BytesIO()
        np.savez(file, *(program.words(self._machine) for program in programs))
        return file.getvalue()


class _TimingRunner(ArtifactRunner):
    """See `TimingRunner`."""

    def __init__(self, machine: Vta) -> None:
        super().__init__()
        self._machine = machine

    def seconds(self, content: bytes) -> float:
        with np.load(BytesIO(content)) as programs:
            decoded = [decode(words, self._machine) for words in programs.values()]
        total = sum(cycles(program, self._machine).total for program in decoded)
        return total / self._machine.hertz


EmittingBuilder: Any = derived_object(_EmittingBuilder)
"""``EmittingBuilder(machine)`` writes the instructions of each program; a fault is a failure."""

TimingRunner: Any = derived_object(_TimingRunner)
"""``TimingRunner(machine)``: the seconds of the model of time, the same each time."""
