"""A builder and a runner for MetaSchedule that evaluate the model instead of building and running.

    ms.tune_tir(mod, target, ..., builder=AnalyticBuilder(),
                runner=AnalyticRunner(machine, objective="energy"))

tunes for a machine that nobody has, with any space and any strategy: the objective stands where
the seconds of a measurement stand, the same each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from heron_ms._tvm import IRModule, derived_object, load_json, save_json
from heron_ms.hardware.accelerator import Accelerator
from heron_ms.interstellar.checks import demand
from heron_ms.interstellar.nest.cost import Cost
from heron_ms.interstellar.tir.capacity import check_capacity
from heron_ms.interstellar.tir.program_cost import evaluate_tir
from heron_ms.measure.artifacts import ArtifactBuilder, ArtifactRunner

OBJECTIVES: Mapping[str, Callable[[Cost, Accelerator], float]] = {
    "energy": lambda cost, machine: cost.total_energy * 1e-12,
    "latency": lambda cost, machine: cost.cycles / (machine.gigahertz * 1e9),
    "edp": lambda cost, machine: cost.edp * 1e-12 / (machine.gigahertz * 1e9),
}
"""What a candidate scores: joules, seconds, and joules times seconds."""


def objective_of(
    program: IRModule, machine: Accelerator, objective: str, warm: bool = False
) -> float:
    """The score of a scheduled program, less being better; ``warm`` as in `evaluate_tir`.

    Raises `ModelError` for a program that does not fit the machine or cannot be read, and for an
    objective that is none of `OBJECTIVES`.
    """
    known = objective in OBJECTIVES
    demand(known, f"unknown objective {objective!r}: use {', '.join(OBJECTIVES)}")
    check_capacity(program, machine)
    return OBJECTIVES[objective](evaluate_tir(program, machine, warm), machine)


class _AnalyticBuilder(ArtifactBuilder):
    """See `AnalyticBuilder`."""

    def made(self, mod: IRModule) -> bytes:
        return str(save_json(mod)).encode()


class _AnalyticRunner(ArtifactRunner):
    """See `AnalyticRunner`."""

    def __init__(self, machine: Accelerator, objective: str = "energy", warm: bool = False) -> None:
        super().__init__()
        known = objective in OBJECTIVES
        demand(known, f"unknown objective {objective!r}: use {', '.join(OBJECTIVES)}")
        self._machine, self._objective, self._warm = machine, objective, warm

    def seconds(self, content: bytes) -> float:
        return objective_of(load_json(content.decode()), self._machine, self._objective, self._warm)


AnalyticBuilder: Any = derived_object(_AnalyticBuilder)
"""``AnalyticBuilder()`` keeps each program as it was scheduled; nothing is compiled."""

AnalyticRunner: Any = derived_object(_AnalyticRunner)
"""``AnalyticRunner(machine, objective="energy", warm=False)``: "energy", "latency" or "edp" of an
`Accelerator`, with caches that start empty or warm. A program that does not fit, or that cannot be
read, is a failed measurement."""
