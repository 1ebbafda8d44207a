"""A builder and a runner for MetaSchedule that compile and estimate, and run nothing."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

from heron_ms._tvm import IRModule, derived_object
from heron_ms.errors import ToolChainError
from heron_ms.hardware import physical_cpus
from heron_ms.hardware.tensorcore import TensorCore
from heron_ms.measure.artifacts import ArtifactBuilder, ArtifactRunner
from heron_ms.measure.tensorcore.build import build


class Compiling(ArtifactBuilder):
    """A builder that a machine's compiler may refuse; it works on several programs at a time."""

    failures: ClassVar[tuple[type[Exception], ...]] = (
        ToolChainError,
        RuntimeError,
        ValueError,
        TypeError,
    )

    def __init__(self, machine: TensorCore) -> None:
        super().__init__()
        self.machine = machine

    def build(self, build_inputs: list[Any]) -> list[Any]:
        """A file for each program, or its failure; nvcc runs on as many cores as there are."""
        with ThreadPoolExecutor(len(physical_cpus())) as side_by_side:
            return list(side_by_side.map(self._built, [asked.mod for asked in build_inputs]))


class _CompilingBuilder(Compiling):
    """See `CompilingBuilder`."""

    def made(self, mod: IRModule) -> bytes:
        return json.dumps({"seconds": build(mod, self.machine).seconds}).encode()


class _EstimatingRunner(ArtifactRunner):
    """See `EstimatingRunner`."""

    def seconds(self, content: bytes) -> float:
        seconds = float(json.loads(content)["seconds"])
        if seconds == float("inf"):
            raise ToolChainError("no multiprocessor holds a block of its threads")
        return seconds


CompilingBuilder: Any = derived_object(_CompilingBuilder)
"""``CompilingBuilder(machine)``: a program that does not compile without spills is a failure."""

EstimatingRunner: Any = derived_object(_EstimatingRunner)
"""``EstimatingRunner()``: the estimate of what the builder compiled."""
