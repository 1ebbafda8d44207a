"""The GPU of this computer, as a device: kernels are compiled for it, and run and timed on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tvm
from numpy.typing import NDArray

from heron_ms._tvm import IRModule, Target
from heron_ms.hardware.tensorcore import TensorCore
from heron_ms.measure.device import Device, Usual
from heron_ms.measure.tensorcore import runtime, toolchain
from heron_ms.measure.tensorcore.build import Built, build
from heron_ms.measure.tensorcore.device import CompileOnlyDevice, taken
from heron_ms.measure.tensorcore.running import MILLISECONDS, GpuRunner, LinkingBuilder, executable

REPEATS = 50


def device_of_gpu(machine: TensorCore) -> Device:
    """What measures for a GPU: itself where it is the one of this computer, else an estimate."""
    return CudaDevice(machine) if machine.is_here() else CompileOnlyDevice(machine)


@dataclass(frozen=True)
class Loaded:
    """A module on the GPU, and what was compiled."""

    module: Any
    built: Built

    def __getitem__(self, name: str) -> Any:
        """The function of that name, of tensors on the GPU."""
        return self.module[name]


@dataclass(frozen=True)
class CudaDevice(Usual):
    """See `Device`."""

    machine: TensorCore
    estimates: bool = False
    offloads: bool = True

    def require(self, target: Target) -> None:
        """Raise `ToolChainError` where there is nothing to compile with, or to run with."""
        toolchain.require(self.machine)
        runtime.require(self.machine.name)

    def builder(self) -> Any:
        """A builder of libraries that have the machine code of their kernels."""
        return LinkingBuilder(self.machine)

    def runner(self, target: Target, in_model: bool = False) -> Any:
        """MetaSchedule's runner, whose caches are warm in either case."""
        return GpuRunner()

    def compile(self, mod: IRModule, target: Target) -> Loaded:
        """To machine code, ready to be called."""
        runtime.require(self.machine.name)
        built = build(mod, self.machine)
        return Loaded(executable(built, self.machine), built)

    def call(self, function: Any, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """With copies of the arrays in the GPU's memory."""
        arguments = _tensors(arrays)
        function(*arguments)
        return [argument.numpy() for argument in arguments]

    def seconds(self, kernel: Loaded, arrays: Sequence[NDArray[Any]]) -> list[float]:
        """Of `REPEATS` repeats, by the GPU's own clock."""
        timer = kernel.module.time_evaluator(
            "main", tvm.cuda(), number=1, repeat=REPEATS, min_repeat_ms=MILLISECONDS
        )
        return [float(seconds) for seconds in timer(*_tensors(arrays)).results]

    def facts(self, kernel: Loaded) -> Mapping[str, str]:
        """What the compiler says."""
        return taken(kernel.built)

    def peak(self, a_dtype: str) -> None:
        """None: nothing measures it."""
        return None


def _tensors(arrays: Sequence[NDArray[Any]]) -> list[Any]:
    return [tvm.runtime.tensor(array, tvm.cuda()) for array in arrays]
