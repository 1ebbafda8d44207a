"""VTA as a device: programs are emitted, timed by a model, and simulated for their results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from heron_ms._tvm import IRModule, Target
from heron_ms.hardware.vta import Vta
from heron_ms.measure.device import Usual, Writer
from heron_ms.measure.vta.binary import write_binary
from heron_ms.measure.vta.kernel import Kernel
from heron_ms.measure.vta.measure import EmittingBuilder, TimingRunner


@dataclass(frozen=True)
class VtaDevice(Usual):
    """See `Device`."""

    machine: Vta
    estimates: bool = True
    offloads: bool = True

    def builder(self) -> Any:
        """A builder that emits instructions."""
        return EmittingBuilder(self.machine)

    def runner(self, target: Target, in_model: bool = False) -> Any:
        """A runner that evaluates the model of time."""
        return TimingRunner(self.machine)

    def compile(self, mod: IRModule, target: Target) -> Kernel:
        """Instructions, and what the caller does around them on this CPU."""
        return Kernel.of(mod, self.machine)

    def call(self, function: Kernel, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """In the simulator."""
        return function.run(arrays)

    def seconds(self, kernel: Kernel, arrays: Sequence[NDArray[Any]]) -> list[float]:
        """The one value that the model has."""
        return [kernel.seconds]

    def facts(self, kernel: Kernel) -> Mapping[str, str]:
        """Its cycles, and the module of the chip that was busy longest."""
        total = sum(program.total for program in kernel.cycles)
        limits = {program.limit.name.lower() for program in kernel.cycles}
        return {"cycles (estimated)": f"{total:,}", "limited by (model)": ", ".join(sorted(limits))}

    def left(self, kernel: Kernel) -> Sequence[str]:
        """The blocks that lay operands out, and that compute what the ALU does not."""
        return kernel.left

    def writer(self) -> Writer:
        """Of instructions, micro-ops and places in DRAM, for each program of the chip."""
        return self._write

    def _write(self, kernel: Kernel, path: Path) -> None:
        for number, program in enumerate(kernel.emitted):
            name = path if number == 0 else path.with_name(f"{path.stem}.{number}{path.suffix}")
            write_binary(program, self.machine, name)

    def peak(self, a_dtype: str) -> float | None:
        """GOP/s of the matrix unit when it never waits."""
        return 2 * self.machine.multiplications * self.machine.megahertz / 1e3
