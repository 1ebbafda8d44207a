"""What programs of a space take, by the model of time: emitted once each, and never measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import IRModule, Target, Trace
from heron_ms.constraints import ConstrainedSketch
from heron_ms.errors import FaultError
from heron_ms.hardware.vta import Vta
from heron_ms.measure.vta.kernel import Kernel
from heron_ms.search.search_space import Individual, SearchSpace
from scripts.bench.harness.journal import Journal

MOST_TILES = 1500
"""Programs with more products of tiles take seconds to emit; they count as refused in any space."""


@dataclass(frozen=True)
class Task:
    """What MetaSchedule's own search is given of a space."""

    name: str
    mod: IRModule
    tvm_target: Target
    constrained: list[ConstrainedSketch]


class Programs:
    """A space and the seconds of its programs (`heron_ms.testing.simulate.Known`).

    Infinite for what is refused. asked: cycles of those that were emitted since it was cleared.
    spent: seconds of this process that emitting took. What was emitted once stands in the journal.
    """

    def __init__(self, name: str, sketch: ConstrainedSketch, machine: Vta, out: Journal) -> None:
        target = Target(machine.target())
        self.task = Task(name, sketch.sketch.mod, target, [sketch])
        self.space = SearchSpace([sketch])
        self.asked: dict[str, float] = {}
        self.spent = 0.0
        self._machine, self._out = machine, out
        known = (record for record in out.records() if record["space"] == name)
        self._known: dict[str, float] = {record["row"]: record["cycles"] for record in known}

    @property
    def valid(self) -> float:
        """The share of the programs asked for, of those that are emitted, that are not refused."""
        return float(np.isfinite(list(self.asked.values())).mean()) if self.asked else 1.0

    def seconds(self, individuals: Sequence[Individual]) -> NDArray[np.float64]:
        """Seconds, float64 [individuals]."""
        begin = process_time()
        cycles = np.array([self.cycles(individual) for individual in individuals], np.float64)
        self.spent += process_time() - begin
        return cycles / self._machine.hertz

    def of_trace(self, trace: Trace) -> float | None:
        """Seconds of a trace; None for one that breaks a constraint."""
        individual = self.space.individual(trace)
        return None if individual is None else float(self.seconds([individual])[0])

    def least(self, individual: Individual) -> float:
        """Cycles that a program takes at least: each product of tiles is an instruction."""
        found, timing = self.space.assignment(individual), self._machine.timing
        steps = prod(size for name, size in found.items() if _is_loop(name))
        return steps + tiles_of(found) * (timing.start + timing.gemm_depth)

    def cycles(self, individual: Individual) -> float:
        """Cycles, infinite for what is refused."""
        found = self.space.assignment(individual)
        if tiles_of(found) > MOST_TILES:
            return float("inf")
        row = " ".join(map(str, individual.row.tolist()))
        if row not in self._known:
            self._known[row] = self._emitted(found)
            record = {"space": self.task.name, "row": row, "cycles": self._known[row]}
            self._out.append(record)
        self.asked[row] = cycles = self._known[row]
        return cycles

    def _emitted(self, found: Mapping[str, int]) -> float:
        schedule: Any = self.space.sketches[0].materialize(found)
        try:
            emitted = Kernel.of(schedule.mod, self._machine)
            return float(sum(each.total for each in emitted.cycles))
        except FaultError:
            return float("inf")


def tiles_of(found: Mapping[str, int]) -> int:
    """Products of tiles in a program."""
    return prod(size for name, size in found.items() if _is_loop(name) and name.endswith(".0"))


def _is_loop(name: str) -> bool:
    return name.startswith("C.") and name[-2:] in (".0", ".1")
