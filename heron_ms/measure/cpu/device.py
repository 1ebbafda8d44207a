"""This CPU, as a device: kernels of all its cores, in a thread with a pool of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from numpy.typing import NDArray

from heron_ms._tvm import IRModule, Target, tvm_compile
from heron_ms.errors import TargetError
from heron_ms.hardware import Cpu, require_runnable
from heron_ms.measure.cpu.builder import MILLISECONDS, local_builder, local_runner
from heron_ms.measure.cpu.peak import byte_peak_now, fma_peak_now
from heron_ms.measure.cpu.pool import run_with_threads, settle
from heron_ms.measure.cpu.vector_math import with_vector_math
from heron_ms.measure.device import Usual

Result = TypeVar("Result")

REPEATS = 50


@dataclass(frozen=True)
class CpuDevice(Usual):
    """See `Device`; the machine says how many cores a kernel uses."""

    machine: Cpu
    estimates: bool = False

    def require(self, target: Target) -> None:
        """Raise `TargetError` unless this CPU has every feature of the target."""
        require_runnable(target)

    def builder(self) -> Any:
        """A builder with a worker for each processor."""
        return local_builder()

    def runner(self, target: Target, in_model: bool = False) -> Any:
        """A runner on as many threads as the target has cores."""
        return local_runner(target, in_model=in_model)

    def compile(self, mod: IRModule, target: Target) -> Any:
        """By LLVM."""
        return tvm_compile(with_vector_math(mod), target=target)

    def within(self, work: Callable[[], Result]) -> Result:
        """In a fresh thread whose pool has the machine's cores."""
        return run_with_threads(self.machine.cores, work)

    def call(self, function: Any, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """On the caller's thread."""
        arguments = _tensors(arrays)
        function(*arguments)
        return [argument.numpy() for argument in arguments]

    def seconds(self, kernel: Any, arrays: Sequence[NDArray[Any]]) -> list[float]:
        """Of `REPEATS` repeats of a millisecond or more."""
        import tvm

        settle()
        timer = kernel.mod.time_evaluator(
            "main", tvm.cpu(), number=1, repeat=REPEATS, min_repeat_ms=MILLISECONDS
        )
        return [float(seconds) for seconds in timer(*_tensors(arrays)).results]

    def peak(self, a_dtype: str) -> float | None:
        """Of the fastest instruction for bytes or float32; None for others, and without one."""
        measure = {"int8": byte_peak_now, "uint8": byte_peak_now, "float32": fma_peak_now}
        if a_dtype not in measure:  # of an instruction that nothing measures yet
            return None
        try:
            return measure[a_dtype](self.machine.target(), threads=self.machine.cores)
        except TargetError:  # a CPU without the instruction
            return None


def _tensors(arrays: Sequence[NDArray[Any]]) -> list[Any]:
    import tvm

    return [tvm.runtime.tensor(array) for array in arrays]
