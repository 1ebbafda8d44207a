"""The least value of an objective over the solutions of a problem: branch and bound on its tables.

The solver's tables are split in halves and narrowed by interval propagation, which drops what
cannot fit; a part whose lower bound is no better than the best solution so far is dropped too; a
part that is small enough is joined, and all of its solutions are looked at. The outcome is exact.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from heron_ms.csp.compile.compiled import Compiled
from heron_ms.csp.problem import Problem

LEAF = 2**20
"""Rows of a cross product of tables that is enumerated instead of split further."""


class Objective(Protocol):
    """What is minimised: `value` of columns of `names`, `bound` of a part of the solutions."""

    @property
    def names(self) -> tuple[str, ...]:
        """The variables that it is a function of."""

    def value(self, columns: Mapping[str, Any]) -> Any:
        """Of solutions, a value each."""

    def bound(self, part: Compiled) -> float:
        """No value in a part is less."""


@dataclass(frozen=True)
class Optimum:
    """The least value, a solution that has it, and how many parts were looked at."""

    value: float
    solution: dict[str, int]
    nodes: int


def minimise(problem: Problem, objective: Objective, below: float = math.inf) -> Optimum | None:
    """The optimum; None where no solution is better than `below`."""
    compiled = problem.compiled
    best: Optimum | None = None
    stack = [(-math.inf, compiled.tied())] if compiled is not None else []
    nodes = 0
    while stack:
        bound, part = stack.pop()
        limit = below if best is None else best.value
        if bound >= limit:
            continue
        nodes += 1
        small = part.narrowed()
        if small is None or objective.bound(small) >= limit:
            continue
        if small.size <= LEAF:
            best = _better(_leaf(small, objective), best, limit)
        else:
            halves = [(objective.bound(half), half) for half in small.halves()]
            # The more promising one is last, and so looked at first.
            stack.extend(sorted(halves, key=lambda half: -half[0]))
    return None if best is None else replace(best, nodes=nodes)


def _better(other: Optimum | None, best: Optimum | None, limit: float) -> Optimum | None:
    return other if other is not None and other.value < limit else best


def _leaf(part: Compiled, objective: Objective) -> Optimum | None:
    """The best of all solutions of a small part."""
    best: Optimum | None = None
    for count, columns in part.listed(objective.names):
        values = np.broadcast_to(objective.value(columns), (count,))
        place = int(np.argmin(values))
        if best is None or values[place] < best.value:
            best = Optimum(float(values[place]), _row(columns, place), 0)
    return best


def _row(columns: Mapping[str, Any], place: int) -> dict[str, int]:
    return {n: int(c if np.ndim(c) == 0 else c[place]) for n, c in columns.items()}
