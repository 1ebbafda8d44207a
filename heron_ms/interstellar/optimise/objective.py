"""The energy of many blockings at once, and a lower bound over a box of them."""

from __future__ import annotations

from collections.abc import Mapping as Readable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms.csp import Compiled
from heron_ms.hardware.accelerator import Accelerator
from heron_ms.interstellar.nest.layer import LOOPS, Layer
from heron_ms.interstellar.nest.level_energy import level_energy
from heron_ms.interstellar.nest.mapping import Factor, Mapping
from heron_ms.interstellar.nest.reuse import Column, Factors, outer_products
from heron_ms.interstellar.optimise.blocking_problem import temporal
from heron_ms.interstellar.optimise.orders import orders
from heron_ms.interstellar.published.hints import Hints


@dataclass(frozen=True)
class EnergyObjective:
    """pJ of a blocking in the best order of each level, as columns of temporal factors."""

    layer: Layer
    machine: Accelerator
    hints: Hints

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The variables that it reads: the temporal factor of each loop at each level."""
        return tuple(temporal(v, loop) for v in range(len(self.machine.memories)) for loop in LOOPS)

    def value(self, columns: Readable[str, Column]) -> NDArray[np.float64]:
        """The energy of each row: float64 [rows], in pJ, multiplications left out."""
        serial = self._temporal(columns)
        return np.asarray(self._least(Factors(serial, outer_products(serial), self._spatial)))

    def bound(self, part: Compiled) -> float:
        """A lower bound in pJ over some of the blockings."""
        numbers = range(len(self.machine.memories))
        lowest = {name: part.least_product([name]) for name in self.names}
        outer = [
            {loop: part.least_product([temporal(u, loop) for u in numbers[v:]]) for loop in LOOPS}
            for v in (*numbers, len(numbers))
        ]
        return float(self._least(Factors(self._temporal(lowest), outer, self._spatial)))

    def mapping(self, blocking: Readable[str, int]) -> Mapping:
        """The mapping of a solution of the CSP, each level in its best order."""
        serial = self._temporal(blocking)
        factors = Factors(serial, outer_products(serial), self._spatial)
        levels = [self._level(factors, v) for v in range(len(self.machine.memories))]
        dims = tuple(self.hints.dimensions(v) for v in range(len(self.machine.memories)))
        return Mapping(tuple(levels), dims)

    def _level(self, factors: Factors, level: int) -> tuple[Factor, ...]:
        costs = [float(self._energy(factors, level, order)) for order in self._orders[level]]
        best = self._orders[level][int(np.argmin(costs))]
        chosen = [
            Factor(loop, int(factors.temporal[level][loop]), self._spatial[level][loop])
            for loop in best
        ]
        return tuple(factor for factor in chosen if factor.temporal > 1 or factor.spatial > 1)

    def _least(self, factors: Factors) -> Any:
        total: Any = 0.0
        for level in range(len(self.machine.memories)):
            costs = [self._energy(factors, level, order) for order in self._orders[level]]
            best = costs[0]
            for cost in costs[1:]:
                best = np.minimum(best, cost)
            total = total + best
        return total

    def _energy(self, factors: Factors, level: int, order: tuple[str, ...]) -> Column:
        dims = self.hints.dimensions(level - 1) if level else ()
        return level_energy(self.layer, self.machine, factors, level, order, dims)

    def _temporal(self, columns: Readable[str, Column]) -> list[dict[str, Column]]:
        numbers = range(len(self.machine.memories))
        return [{loop: columns[temporal(v, loop)] for loop in LOOPS} for v in numbers]

    @cached_property
    def _orders(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """Level 0 costs the same in any order where the multipliers have no registers."""
        free = [orders(self.hints.places(v)) for v in range(len(self.machine.memories))]
        if not self.machine.mac_registers:
            free[0] = free[0][:1]
        return tuple(free)

    @cached_property
    def _spatial(self) -> list[dict[str, int]]:
        numbers = range(len(self.machine.memories))
        return [{loop: self.hints.sides(v, loop) for loop in LOOPS} for v in numbers]
