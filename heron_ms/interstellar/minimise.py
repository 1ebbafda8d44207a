"""The least value of an objective over the solutions of a CSP: branch and bound on its tables.

The solver's tables are split in halves and narrowed by interval propagation, which drops what
cannot fit; a part whose lower bound is no better than the best solution so far is dropped too; a
part that is small enough is joined, and all of its solutions are looked at. The outcome is exact.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from heron_ms.csp import Problem
from heron_ms.csp.join import Joined, join
from heron_ms.csp.narrow import narrowed
from heron_ms.csp.plan import Plan, compile_plan
from heron_ms.interstellar.tables import merged

LEAF = 2**20
"""Rows of a cross product of tables that is enumerated instead of split further."""
CHUNK = 2**15


class Objective(Protocol):
    """What is minimised: `value` of columns of `names`, and `bound` over the rows of tables."""

    @property
    def names(self) -> tuple[str, ...]: ...

    def value(self, columns: Mapping[str, Any]) -> Any: ...

    def plan_bound(self, plan: Plan) -> float: ...


@dataclass(frozen=True)
class Optimum:
    """The least value, a solution that has it, and how many parts were looked at."""

    value: float
    solution: dict[str, int]
    nodes: int


def minimise(problem: Problem, objective: Objective, below: float = math.inf) -> Optimum | None:
    """The optimum; None where no solution is better than `below`."""
    whole = compile_plan(problem.variables, problem.constraints)
    plan = None if whole is None else narrowed(whole)
    best: Optimum | None = None
    stack = [(-math.inf, merged(plan))] if plan is not None else []
    nodes = 0
    while stack:
        bound, part = stack.pop()
        limit = below if best is None else best.value
        if bound >= limit:
            continue
        nodes += 1
        small = narrowed(part)
        if small is None or objective.plan_bound(small) >= limit:
            continue
        if _size(small) <= LEAF:
            best = _better(_leaf(small, objective), best, limit)
        else:
            stack.extend(_halves(small, objective))
    return None if best is None else replace(best, nodes=nodes)


def _size(plan: Plan) -> int:
    return math.prod(table.size for table in plan.tables)


def _halves(plan: Plan, objective: Objective) -> list[tuple[float, Plan]]:
    """Both halves of the largest table with their bounds, the more promising one last."""
    index = max(range(len(plan.tables)), key=lambda t: plan.tables[t].size)
    before, after = plan.tables[:index], plan.tables[index + 1 :]
    parts = [replace(plan, tables=(*before, h, *after)) for h in plan.tables[index].halves()]
    return sorted(((objective.plan_bound(p), p) for p in parts), key=lambda each: -each[0])


def _better(found: Optimum | None, best: Optimum | None, limit: float) -> Optimum | None:
    return found if found is not None and found.value < limit else best


def _leaf(plan: Plan, objective: Objective) -> Optimum | None:
    """The best of all solutions of a small part."""
    joined = join(plan, LEAF)
    best: Optimum | None = None
    for start in range(0, joined.total, CHUNK):
        index = np.arange(start, min(start + CHUNK, joined.total))
        columns = _columns(joined, index, objective.names)
        values = np.broadcast_to(objective.value(columns), index.shape)
        place = int(np.argmin(values))
        if best is None or values[place] < best.value:
            best = Optimum(float(values[place]), _row(columns, place), 0)
    return best


def _columns(joined: Joined, index: Any, names: Sequence[str]) -> dict[str, Any]:
    """The variables of some rows of the groups' cross product."""
    sizes = [group.size for group in joined.groups]
    places = np.unravel_index(index, sizes) if sizes else ()
    found = joined.program(names).run(joined.plan.tables, joined.picks(list(places)))
    return {name: found[name] for name in names}


def _row(columns: Mapping[str, Any], place: int) -> dict[str, int]:
    return {n: int(c if np.ndim(c) == 0 else c[place]) for n, c in columns.items()}
