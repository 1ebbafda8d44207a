"""A builder and a runner for MetaSchedule that compile and estimate, and run nothing."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from heron_ms._tvm import derived_object, ms
from heron_ms.errors import ToolChainError, last_line
from heron_ms.hardware.tensorcore import TensorCore
from heron_ms.measure.future import Done
from heron_ms.measure.tensorcore.build import build


class _CompilingBuilder(ms.builder.PyBuilder):  # type: ignore[misc]
    """See `CompilingBuilder`."""

    def __init__(self, machine: TensorCore) -> None:
        super().__init__()
        self._machine = machine

    def build(self, build_inputs: list[Any]) -> list[Any]:
        return [self._built(asked.mod) for asked in build_inputs]

    def close(self) -> None:
        """There is nothing to end."""

    def _built(self, mod: Any) -> Any:
        try:
            built = build(mod, self._machine)
        except (ToolChainError, RuntimeError, ValueError, TypeError) as error:
            return ms.builder.BuilderResult(None, last_line(error))
        # A folder of its own: MetaSchedule removes it after the run.
        artifact = Path(tempfile.mkdtemp(prefix="compiled-")) / "kernel.json"
        artifact.write_text(json.dumps({"seconds": built.seconds}), encoding="utf-8")
        return ms.builder.BuilderResult(str(artifact), None)


class _EstimatingRunner(ms.runner.PyRunner):  # type: ignore[misc]
    """See `EstimatingRunner`."""

    def run(self, runner_inputs: list[Any]) -> list[Any]:
        return [Done(_result(Path(str(asked.artifact_path)))) for asked in runner_inputs]


def _result(artifact: Path) -> Any:
    seconds = float(json.loads(artifact.read_text(encoding="utf-8"))["seconds"])
    if seconds == float("inf"):
        return ms.runner.RunnerResult(None, "no multiprocessor holds a block of its threads")
    return ms.runner.RunnerResult([seconds], None)


CompilingBuilder: Any = derived_object(_CompilingBuilder)
"""``CompilingBuilder(machine)``: a program that does not compile without spills is a failure."""

EstimatingRunner: Any = derived_object(_EstimatingRunner)
"""``EstimatingRunner()``: the estimate of what the builder compiled."""
