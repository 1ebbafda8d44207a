"""A builder and a runner for MetaSchedule: build is lower and emit, run is the model of time."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from heron_ms._tvm import derived_object, ms
from heron_ms.errors import HeronError
from heron_ms.hardware.vta import Vta
from heron_ms.measure.future import Done
from heron_ms.measure.vta.instructions import decode
from heron_ms.measure.vta.kernel import Kernel
from heron_ms.measure.vta.timing import cycles


class _EmittingBuilder(ms.builder.PyBuilder):  # type: ignore[misc]
    """See `EmittingBuilder`."""

    def __init__(self, machine: Vta) -> None:
        super().__init__()
        self._machine = machine

    def build(self, build_inputs: list[Any]) -> list[Any]:
        return [self._build(asked.mod) for asked in build_inputs]

    def close(self) -> None:
        """There is nothing to end."""

    def _build(self, mod: Any) -> Any:
        try:
            programs = Kernel.of(mod, self._machine).emitted
            words = [program.words(self._machine) for program in programs]
        except HeronError as error:
            return ms.builder.BuilderResult(None, str(error))
        # A folder of its own, as a real builder makes: MetaSchedule removes it after the run.
        artifact = Path(tempfile.mkdtemp(prefix="vta-")) / "program.npz"
        np.savez(artifact, *words)
        return ms.builder.BuilderResult(str(artifact), None)


class _TimingRunner(ms.runner.PyRunner):  # type: ignore[misc]
    """See `TimingRunner`."""

    def __init__(self, machine: Vta) -> None:
        super().__init__()
        self._machine = machine

    def run(self, runner_inputs: list[Any]) -> list[Any]:
        return [Done(self._result(str(asked.artifact_path))) for asked in runner_inputs]

    def _result(self, artifact: str) -> Any:
        with np.load(artifact) as programs:
            decoded = [decode(words, self._machine) for words in programs.values()]
        try:
            total = sum(cycles(program, self._machine).total for program in decoded)
        except HeronError as error:
            return ms.runner.RunnerResult(None, str(error))
        return ms.runner.RunnerResult([total / (self._machine.megahertz * 1e6)], None)


EmittingBuilder: Any = derived_object(_EmittingBuilder)
"""``EmittingBuilder(machine)`` writes the instructions of each program; a fault is a failure."""

TimingRunner: Any = derived_object(_TimingRunner)
"""``TimingRunner(machine)``: the seconds of the model of time, the same each time."""
