"""A sweep of memory sizes: the best blocking for every size of the inner levels (Interstellar 6.2).

``explore_points`` gives the number of sizes of each inner level; step i of a level multiplies its
capacity by ``capacity_scale`` and its cost by ``access_cost_scale``, i times.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import log, prod
from typing import Any

from heron_ms.errors import ModelError
from heron_ms.hardware.accelerator import Accelerator
from heron_ms.interstellar.checks import demand, positive
from heron_ms.interstellar.nest.layer import Layer
from heron_ms.interstellar.optimise.blocking import Best, best_blocking
from heron_ms.interstellar.published.hints import Hints

MOST_POINTS = 10_000
LARGEST_LOG = 300.0
"""Of what is multiplied with a capacity or a cost in the end; more is no float."""


@dataclass(frozen=True)
class Sweep:
    """How to grow the inner levels, innermost first: steps, and factors a step."""

    points: tuple[int, ...]
    capacity: tuple[float, ...]
    energy: tuple[float, ...]

    def machines(self, base: Accelerator) -> list[tuple[tuple[int, ...], Accelerator]]:
        """Every step of every level, and the machine there."""
        steps = product(*(range(count) for count in self.points))
        return [(step, self._machine(base, step)) for step in steps]

    def _machine(self, base: Accelerator, steps: Sequence[int]) -> Accelerator:
        inner = [
            replace(
                level,
                capacity=round(level.capacity * self.capacity[v] ** step),
                energy=base.energy(v) * self.energy[v] ** step,
            )
            for v, (level, step) in enumerate(zip(base.memories, steps, strict=False))
        ]
        return replace(base, memories=(*inner, *base.memories[len(inner) :]))


@dataclass(frozen=True)
class SweepPoint:
    """One machine of a sweep: its capacities in bytes, and its best blocking, if any fits."""

    steps: tuple[int, ...]
    capacities: tuple[int, ...]
    best: Best | None

    @property
    def energy(self) -> float:
        """pJ; infinite where nothing fits."""
        return float("inf") if self.best is None else self.best.cost.energy


def sweep_of(data: Mapping[str, Any]) -> Sweep:
    """The sweep that an arch file asks for. Raises `ModelError` that names the missing field."""
    fields = {}
    for name in ("explore_points", "capacity_scale", "access_cost_scale"):
        demand(name in data, f"arch: the field {name} is missing, which a sweep needs")
        demand(isinstance(data[name], list) and data[name], f"arch: {name} is not a list")
        fields[name] = data[name]
    points = tuple(positive(point, "arch: explore_points") for point in fields["explore_points"])
    scales = (fields["capacity_scale"], fields["access_cost_scale"])
    same = all(len(scale) == len(points) for scale in scales)
    demand(same, "arch: capacity_scale and access_cost_scale need one factor for each sweep level")
    positives = all(isinstance(x, int | float) and x > 0 for scale in scales for x in scale)
    demand(positives, "arch: capacity_scale and access_cost_scale must be above zero")
    many = f"arch: explore_points asks for more than {MOST_POINTS} machines"
    demand(prod(points) <= MOST_POINTS, many)
    numbers = all(abs(log(x)) * max(points) < LARGEST_LOG for scale in scales for x in scale)
    demand(numbers, "arch: capacity_scale or access_cost_scale grows beyond all numbers")
    return Sweep(points, *(tuple(float(x) for x in scale) for scale in scales))


def sweep_memories(
    layer: Layer, base: Accelerator, sweep: Sweep, hints: Hints | None = None
) -> list[SweepPoint]:
    """The best blocking at every point, in row order. Raises `ModelError` where none has any."""
    inner = len(base.memories) - 1
    fits = len(sweep.points) <= inner
    demand(fits, f"arch: explore_points has {len(sweep.points)} levels, {inner} can be swept")
    tried = [_point(layer, steps, machine, hints) for steps, machine in sweep.machines(base)]
    if all(point.best is None for point in tried):
        best_blocking(layer, sweep.machines(base)[-1][1], hints)
    return tried


def _point(
    layer: Layer, steps: tuple[int, ...], machine: Accelerator, hints: Hints | None
) -> SweepPoint:
    capacities = tuple(level.capacity for level in machine.memories[: len(steps)])
    try:
        best = best_blocking(layer, machine, hints)
    except ModelError:  # too small for any blocking
        best = None
    return SweepPoint(steps, capacities, best)


def best_point(points: Sequence[SweepPoint]) -> SweepPoint:
    """The point of least energy."""
    return min(points, key=lambda point: point.energy)
