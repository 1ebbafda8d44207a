"""A builder and a runner that measure nothing: the time of a program is a function of its loops."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from heron_ms._tvm import IRModule, derived_object, ms
from heron_ms.measure.future import Done

Objective: TypeAlias = Callable[[IRModule], "float | None"]
"""Seconds of a scheduled program; None for one that fails to run."""


class _PlantedBuilder(ms.builder.PyBuilder):  # type: ignore[misc]
    def __init__(self, objective: Objective) -> None:
        super().__init__()
        self._objective = objective

    def build(self, build_inputs: list[Any]) -> list[Any]:
        return [self._build(build_input) for build_input in build_inputs]

    def _build(self, build_input: Any) -> Any:
        # A folder of its own, as a real builder makes: MetaSchedule removes it after the run.
        artifact = Path(tempfile.mkdtemp(prefix="planted-")) / "seconds"
        artifact.write_text(repr(self._objective(build_input.mod)))
        return ms.builder.BuilderResult(str(artifact), None)


class _PlantedRunner(ms.runner.PyRunner):  # type: ignore[misc]
    def run(self, runner_inputs: list[Any]) -> list[Any]:
        return [
            Done(_result(Path(str(runner_input.artifact_path)).read_text()))
            for runner_input in runner_inputs
        ]


def _result(text: str) -> Any:
    if text == "None":
        return ms.runner.RunnerResult(None, "planted failure")
    return ms.runner.RunnerResult([float(text)], None)


PlantedBuilder: Any = derived_object(_PlantedBuilder)
"""``PlantedBuilder(objective)`` builds every program into a file that holds its seconds."""

PlantedRunner: Any = derived_object(_PlantedRunner)
"""``PlantedRunner()`` reports what `PlantedBuilder` wrote."""
