"""A builder and a runner that measure nothing: the time of a program is a function of its loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from heron_ms._tvm import IRModule, derived_object
from heron_ms.errors import HeronError
from heron_ms.measure.artifacts import ArtifactBuilder, ArtifactRunner

Objective: TypeAlias = Callable[[IRModule], "float | None"]
"""Seconds of a scheduled program; None for one that fails to run."""


class _PlantedBuilder(ArtifactBuilder):
    def __init__(self, objective: Objective) -> None:
        super().__init__()
        self._objective = objective

    def made(self, mod: IRModule) -> bytes:
        return repr(self._objective(mod)).encode()


class _PlantedRunner(ArtifactRunner):
    def seconds(self, content: bytes) -> float:
        if content == b"None":
            raise HeronError("planted failure")
        return float(content)


PlantedBuilder: Any = derived_object(_PlantedBuilder)
"""``PlantedBuilder(objective)`` builds every program into a file that holds its seconds."""

PlantedRunner: Any = derived_object(_PlantedRunner)
"""``PlantedRunner()`` reports what `PlantedBuilder` wrote."""
