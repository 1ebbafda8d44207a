"""A GPU that is not here: kernels are compiled for it, emulated on this CPU, and estimated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from heron_ms._tvm import HALVES, IRModule, PrimFunc, Target, tensors_of
from heron_ms.hardware.tensorcore import TensorCore
from heron_ms.measure.device import Usual
from heron_ms.measure.tensorcore import toolchain
from heron_ms.measure.tensorcore.build import Built, build
from heron_ms.measure.tensorcore.candidates import CompilingBuilder, EstimatingRunner
from heron_ms.measure.tensorcore.emulation.emulate import Emulated


@dataclass(frozen=True)
class Compiled:
    """What was compiled, with its functions by name."""

    built: Built
    functions: Mapping[str, Emulated]

    def __getitem__(self, name: str) -> Emulated:
        """The function of that name."""
        return self.functions[name]


@dataclass(frozen=True)
class CompileOnlyDevice(Usual):
    """See `Device`."""

    machine: TensorCore
    estimates: bool = True
    offloads: bool = True

    def require(self, target: Target) -> None:
        """Raise `ToolChainError` where there is nothing to compile with for this GPU."""
        toolchain.require(self.machine)

    def builder(self) -> Any:
        """A builder that compiles to machine code."""
        return CompilingBuilder(self.machine)

    def runner(self, target: Target, in_model: bool = False) -> Any:
        """A runner that estimates."""
        return EstimatingRunner()

    def compile(self, mod: IRModule, target: Target) -> Compiled:
        """To CUDA C++ and from there to machine code."""
        built = build(mod, self.machine)
        [(name, func)] = [
            (name, func) for name, func in mod.functions_items() if isinstance(func, PrimFunc)
        ]
        symbol = str((func.attrs or {}).get("global_symbol") or name.name_hint)
        names = [str(tensor.name) for tensor in tensors_of(func)]
        return Compiled(built, {symbol: Emulated(built.lowered, names)})

    def call(self, function: Emulated, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """On the emulator, which takes a core about two seconds for a billion multiplications."""
        results, _ = function(arrays)
        return results

    def seconds(self, kernel: Compiled, arrays: Sequence[NDArray[Any]]) -> list[float]:
        """The one value that the estimate has."""
        return [kernel.built.seconds]

    def facts(self, kernel: Compiled) -> Mapping[str, str]:
        """What the compiler says, and that nothing was run."""
        return {**taken(kernel.built), "checked": "compiled and emulated, not run on a GPU"}

    def peak(self, a_dtype: str) -> float | None:
        """GOP/s of all TensorCores on halves; None for other types, of which nothing is said."""
        return self.machine.peak / 1e9 if a_dtype in HALVES else None


def taken(built: Built) -> dict[str, str]:
    """What each kernel takes, for a report."""
    return {
        "registers of a thread": ", ".join(str(used.registers) for used in built.used),
        "shared memory": ", ".join(f"{launch.shared} bytes" for launch in built.lowered.kernels),
    }
