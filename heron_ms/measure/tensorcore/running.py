"""A builder and a runner for MetaSchedule that measure programs on the GPU of this computer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from heron_ms._tvm import IRModule, derived_object, ms
from heron_ms.hardware.tensorcore import TensorCore
from heron_ms.measure.cpu.arguments import ArgumentsRunner, Note
from heron_ms.measure.cpu.builder import initializer
from heron_ms.measure.patience import SECONDS
from heron_ms.measure.tensorcore.build import Built, build
from heron_ms.measure.tensorcore.candidates import Compiling
from heron_ms.measure.tensorcore.generating import linked
from heron_ms.measure.tensorcore.lowering import compiled_for
from heron_ms.measure.tensorcore.runtime import loading

MILLISECONDS = 5
"""How long a repeat lasts, at least: some hundred launches of a short kernel."""
REPEATS = 15


class _LinkingBuilder(Compiling):
    """See `LinkingBuilder`."""

    file: ClassVar[str] = "program.so"

    def write(self, mod: IRModule, artifact: Path) -> None:
        executable(build(mod, self.machine), self.machine).export_library(str(artifact))
        Note.of(mod).leave(str(artifact))


LinkingBuilder: Any = derived_object(_LinkingBuilder)
"""``LinkingBuilder(machine)``: a library of each program that compiles without spills."""


def executable(built: Built, machine: TensorCore) -> Any:
    """TVM's module of what was compiled."""
    halves = built.lowered.halves
    assert halves is not None, "a module that was just lowered"
    return linked(halves.host, halves.device, compiled_for(machine), built.code)


class _GpuRunner(ms.runner.PyRunner):  # type: ignore[misc]
    """See `GpuRunner`."""

    def __init__(self) -> None:
        super().__init__()
        config = ms.runner.EvaluatorConfig(number=1, repeat=REPEATS, min_repeat_ms=MILLISECONDS)
        local = ms.runner.LocalRunner(SECONDS, config, initializer=starting())
        self._inner = ArgumentsRunner(local, in_model=False)

    def run(self, runner_inputs: list[Any]) -> list[Any]:
        return list(self._inner.run([_on_the_gpu(given) for given in runner_inputs]))


GpuRunner: Any = derived_object(_GpuRunner)
"""``GpuRunner()``: MetaSchedule's `LocalRunner` on the GPU, whatever device an input names.

The target of a GPU's machine is this CPU's, so MetaSchedule names the CPU.
"""


def _on_the_gpu(given: Any) -> Any:
    return ms.runner.RunnerInput(given.artifact_path, "cuda", given.args_info)


def starting() -> Callable[[], None]:
    """What a worker of MetaSchedule does first: end with its parent, and load what runs kernels."""
    begin, load = initializer({}), loading()

    # A local function travels to the worker by value: it need not import heron_ms.
    def start() -> None:
        begin()
        load()

    return start
