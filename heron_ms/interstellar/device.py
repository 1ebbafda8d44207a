"""A device that estimates: kernels run on this CPU for their results, and their time is a model's.

For an `Accelerator` that nobody has. LLVM takes a scope of TVM's that it does not know for ordinary
memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from heron_ms._tvm import IRModule, Target
from heron_ms.errors import ModelError
from heron_ms.hardware.accelerator import Accelerator
from heron_ms.interstellar.measure import AnalyticBuilder, AnalyticRunner, objective_of
from heron_ms.measure.device import Usual
from heron_ms.measure.devices import on_this_cpu


@dataclass(frozen=True)
class Estimated:
    """Compiled functions by name, and what "main" takes on the accelerator."""

    functions: Any
    seconds: float

    def __getitem__(self, name: str) -> Any:
        """The function of that name."""
        return self.functions[name]


@dataclass(frozen=True)
class AnalyticDevice(Usual):
    """See `Device`; ``objective`` is what stands for seconds (`OBJECTIVES`)."""

    machine: Accelerator
    objective: str = "latency"
    estimates: bool = True

    def builder(self) -> Any:
        """A builder that keeps each program as it was scheduled."""
        return AnalyticBuilder()

    def runner(self, target: Target, in_model: bool = False) -> Any:
        """A runner that evaluates the model, in which memories are empty at first."""
        return AnalyticRunner(self.machine, self.objective)

    def compile(self, mod: IRModule, target: Target) -> Estimated:
        """For one core of this CPU; what the model cannot read takes for ever."""
        device, here = on_this_cpu()
        functions = device.compile(mod, here)
        try:
            seconds = objective_of(mod, self.machine, self.objective)
        except ModelError:
            seconds = float("inf")
        return Estimated(functions, seconds)

    def call(self, function: Any, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """On this CPU."""
        device, _ = on_this_cpu()
        return device.call(function, arrays)

    def seconds(self, kernel: Estimated, arrays: Sequence[NDArray[Any]]) -> list[float]:
        """The one value that the model has."""
        return [kernel.seconds]

    def peak(self, a_dtype: str) -> float | None:
        """GOP/s of all multipliers at once."""
        return 2 * self.machine.multipliers * self.machine.gigahertz
