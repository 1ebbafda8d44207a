"""Filter the rows of tables by interval propagation, to a fixpoint.

In a table's own row its variables are points, whatever follows from them is computed per row, and
all other variables are intervals. A row in which some interval becomes empty is in no solution. A
constraint that one table decides is thereby enforced exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from heron_ms.csp.compile.plan import Plan
from heron_ms.csp.compile.propagate import propagate
from heron_ms.csp.compile.tables import Floats, RangeTable, Table
from heron_ms.csp.constraints import Constraint
from heron_ms.csp.intervals import Bounds, Interval, highest, lowest

CHUNK = 2**15
ROUNDS = 6


def narrowed(plan: Plan) -> Plan | None:
    """The plan with fewer rows and tighter intervals; None where a table or interval is empty."""
    if not all(table.size for table in plan.tables):
        return None
    if not all(check.mask(plan.fixed) for check in plan.checks if not plan.needs(check)):
        return None
    for _ in range(ROUNDS):
        sizes = [table.size for table in plan.tables]
        smaller = _round(plan)
        if smaller is None:
            return None
        plan = smaller
        if sizes == [table.size for table in plan.tables]:
            break
    return plan


def _round(plan: Plan) -> Plan | None:
    """Filter every table once."""
    tables = list(plan.tables)
    intervals = {**plan.intervals, **{n: t.hull(n) for t in tables for n in t.names}}
    scalar = propagate(intervals, plan.rules)
    if scalar is None:
        return None
    for index, table in enumerate(tables):
        kept = _filtered(plan, index, table, scalar)
        if kept is None:
            return None
        tables[index] = kept
    return replace(plan, tables=tuple(tables), intervals=scalar)


def _filtered(plan: Plan, index: int, table: Table, intervals: dict[str, Interval]) -> Table | None:
    """One table's surviving rows; `intervals` is tightened in place to what they allow."""
    if isinstance(table, RangeTable):
        clipped = table.clip(intervals[table.names[0]])
        return clipped if clipped.size else None
    rules = rules_on(plan, frozenset({index}))
    alive, hull = survivors(intervals, rules, dict(zip(table.names, table.columns, strict=True)))
    if not alive.any():
        return None
    intervals.update(hull)
    return table if alive.all() else table.keep(alive)


def rules_on(plan: Plan, tables: frozenset[int]) -> list[Constraint]:
    """The rules that mention something computed from any of `tables`."""
    return [r for r in plan.rules if any(plan.support[v] & tables for v in r.variables())]


def survivors(
    intervals: Mapping[str, Interval],
    rules: Sequence[Constraint],
    columns: Mapping[str, Floats],
    ranges: Mapping[str, Interval] = MappingProxyType({}),
) -> tuple[NDArray[np.bool_], dict[str, Interval]]:
    """Which rows of `columns` may be in a solution, and the intervals over those rows.

    `ranges` holds intervals that differ from row to row, as pairs of columns.
    """
    total = len(next(iter(columns.values())))
    alive = np.empty(total, bool)
    hulls: list[dict[str, Interval]] = []
    for start in range(0, total, CHUNK):
        part = slice(start, start + CHUNK)
        points: dict[str, Interval] = {n: (c[part], c[part]) for n, c in columns.items()}
        points.update({n: (low[part], high[part]) for n, (low, high) in ranges.items()})
        bounds = Bounds({**intervals, **points}, np.ones(len(alive[part]), bool))
        with np.errstate(all="ignore"):  # rows that are dead already may compute anything
            for rule in rules:
                rule.prune(bounds)
        alive[part] = bounds.alive
        if bounds.alive.any():
            hulls.append(_hull(bounds))
    return alive, _union(hulls)


def _hull(bounds: Bounds) -> dict[str, Interval]:
    rows = bounds.alive
    return {
        name: (
            lowest(low if isinstance(low, float) else low[rows]),
            highest(high if isinstance(high, float) else high[rows]),
        )
        for name, (low, high) in bounds.intervals.items()
        if not (isinstance(low, float) and isinstance(high, float))
    }


def _union(hulls: list[dict[str, Interval]]) -> dict[str, Interval]:
    if not hulls:
        return {}
    return {
        name: (
            min(h[name][0] for h in hulls if name in h),
            max(h[name][1] for h in hulls if name in h),
        )
        for name in hulls[0]
        if all(name in h for h in hulls)
    }
