"""Merge tables that a constraint ties to each other, so that a search splits them together.

Apart they only make the cross product larger, as a factor that is rounded up does: a table of its
own, tied to that of the factors which leave it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from heron_ms.csp.compile.join import Group, merge
from heron_ms.csp.compile.plan import Plan
from heron_ms.csp.compile.tables import ListTable, Table


def tied(plan: Plan) -> Plan:
    """The same plan where every two tables that decide a check between them are one."""
    while (pair := _pair(plan)) is not None:
        plan = _merged(plan, pair)
    return plan


def _pair(plan: Plan) -> tuple[int, int] | None:
    for check in plan.checks:
        needs = sorted(plan.needs(check))
        if len(needs) == 2 and all(plan.tables[t].listed for t in needs):
            return needs[0], needs[1]
    return None


def _merged(plan: Plan, pair: tuple[int, int]) -> Plan:
    first, second = (plan.tables[t] for t in pair)
    decided = [check for check in plan.checks if plan.needs(check) <= set(pair)]
    groups = [Group((t,), plan.tables[t].size) for t in pair]
    rows = merge(plan, groups[0], groups[1], decided)
    picks = rows.picks(np.arange(rows.size))
    columns = [
        table.take(n, picks[t])
        for t, table in zip(pair, (first, second), strict=True)
        for n in table.names
    ]
    table = ListTable((*first.names, *second.names), tuple(columns))
    left = [t for t in range(len(plan.tables)) if t not in pair]
    tables: tuple[Table, ...] = (*(plan.tables[t] for t in left), table)
    moved = {old: new for new, old in enumerate(left)} | dict.fromkeys(pair, len(left))
    support = {n: frozenset(moved[t] for t in of) for n, of in plan.support.items()}
    return replace(plan, tables=tables, support=support)
