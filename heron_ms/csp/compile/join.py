"""Join tables: groups of tables whose checks are all enforced row by row.

Groups that share a check are merged, those first that come closest to deciding one, while the
cross product stays below a limit. Checks that no group decides stay open. With none open, the
solutions are exactly the cross product of the groups, so they can be counted, and drawn uniformly
by index.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms.csp.compile.columns import Program, program
from heron_ms.csp.compile.narrow import rules_on, survivors
from heron_ms.csp.compile.plan import Plan
from heron_ms.csp.compile.tables import Rows
from heron_ms.csp.constraints import Constraint

JOIN_LIMIT = 2**20
"""Rows of the largest cross product that is enumerated."""
CHUNK = 2**15
PRUNE_LIMIT = 2**17
"""Rows of the largest merged group that is filtered by intervals, which costs more a row."""


@dataclass(frozen=True)
class Group:
    """A subset of the cross product of some tables.

    `rows` is int32 or int64 [len(tables), size]: for each row of the group the row of each table;
    None for a single whole table.
    """

    tables: tuple[int, ...]
    size: int
    rows: NDArray[np.signedinteger[Any]] | None = None

    def picks(self, index: Rows) -> dict[int, Rows]:
        """The rows of the tables behind rows of the group."""
        if self.rows is None:
            return {self.tables[0]: index}
        return {t: self.rows[i][index] for i, t in enumerate(self.tables)}


@dataclass(frozen=True)
class Joined:
    """A plan whose tables are merged into groups, and the checks that stay open."""

    plan: Plan
    groups: tuple[Group, ...]
    open: tuple[Constraint, ...]

    @property
    def total(self) -> int:
        """Rows of the cross product of the groups: the exact count where no check is open."""
        return math.prod(group.size for group in self.groups)

    def picks(self, index: Sequence[Rows]) -> dict[int, Rows]:
        """The rows of all tables, given rows of all groups."""
        return {
            t: rows
            for group, i in zip(self.groups, index, strict=True)
            for t, rows in group.picks(i).items()
        }

    def listed(self, group: Group) -> bool:
        """Whether the rows of a group can be gone through one by one."""
        return all(self.plan.tables[table].listed for table in group.tables)

    def program(self, names: Sequence[str] | None = None) -> Program:
        """What computes `names`, or every variable of the open checks."""
        if names is None:
            names = [v for check in self.open for v in check.variables()]
        return program(self.plan, names)


def join(plan: Plan, limit: int = JOIN_LIMIT) -> Joined:
    """Merge the tables of a narrowed plan as far as `limit` allows."""
    groups = tuple(Group((i,), table.size) for i, table in enumerate(plan.tables))
    joined = Joined(plan, groups, tuple(_undecided(plan)))
    while joined.total and (pair := next_pair(joined, limit)):
        joined = merge_pair(joined, pair)
    return joined


def merge_pair(
    joined: Joined, pair: tuple[int, int], chosen: tuple[Rows, Rows] | None = None
) -> Joined:
    """Merge two groups, by `chosen` pairs of their rows only if given."""
    plan = joined.plan
    first, second = (joined.groups[i] for i in pair)
    tables = frozenset(first.tables + second.tables)
    decided = [c for c in joined.open if plan.needs(c) <= tables]
    left = tuple(c for c in joined.open if not plan.needs(c) <= tables)
    merged = merge(plan, first, second, decided, chosen)
    if any(plan.needs(c) & tables for c in left):
        merged = prune_group(plan, merged)
    groups = (*(g for i, g in enumerate(joined.groups) if i not in pair), merged)
    return Joined(plan, groups, left)


def _undecided(plan: Plan) -> list[Constraint]:
    """The checks that narrowing did not settle: on several tables, or on one that is not listed."""
    return [
        check
        for check in dict.fromkeys(plan.checks)
        if len(plan.needs(check)) > 1 or any(not plan.tables[t].listed for t in plan.needs(check))
    ]


def next_pair(joined: Joined, limit: float) -> tuple[int, int] | None:
    """The pair to merge next: the one that comes closest to deciding a check, then the smallest."""
    best: tuple[int, int, tuple[int, int]] | None = None
    groups = joined.groups
    needs = [joined.plan.needs(check) for check in joined.open]
    for i, j in combinations(range(len(groups)), 2):
        a, b = frozenset(groups[i].tables), frozenset(groups[j].tables)
        product = groups[i].size * groups[j].size
        linked = [n for n in needs if n & a and n & b]
        if linked and product <= limit:
            rank = (min(len(n - a - b) for n in linked), product, (i, j))
            best = rank if best is None else min(best, rank)
    return None if best is None else best[2]


def merge(
    plan: Plan,
    first: Group,
    second: Group,
    checks: Sequence[Constraint],
    chosen: tuple[Rows, Rows] | None = None,
) -> Group:
    """The rows of `first` x `second` that satisfy `checks`, of all or of the `chosen` pairs."""
    steps = program(plan, [v for check in checks for v in check.variables()])
    total = first.size * second.size if chosen is None else len(chosen[0])
    narrow = max(first.size, second.size) < 2**31
    kind = np.dtype(np.int32 if narrow else np.int64)
    kept = [np.empty((len(first.tables) + len(second.tables), 0), kind)]
    for start in range(0, total, CHUNK):
        stop = min(start + CHUNK, total)
        if chosen is None:
            a, b = np.divmod(np.arange(start, stop), second.size)
        else:
            a, b = chosen[0][start:stop], chosen[1][start:stop]
        picks = {**first.picks(a), **second.picks(b)}
        columns = steps.run(plan.tables, picks)
        good = np.ones(stop - start, bool)
        for check in checks:
            good &= check.mask(columns)
        kept.append(np.array([rows[good] for rows in picks.values()], kind))
    rows = np.concatenate(kept, axis=1)
    return Group(first.tables + second.tables, rows.shape[1], rows)


def prune_group(plan: Plan, group: Group) -> Group:
    """Drop the rows of a merged group that intervals show to be in no solution."""
    if group.rows is None or not 0 < group.size <= PRUNE_LIMIT:
        return group
    names = [n for t in group.tables for n in plan.tables[t].names]
    columns = program(plan, names).run(plan.tables, group.picks(np.arange(group.size)))
    rules = rules_on(plan, frozenset(group.tables))
    alive, _ = survivors(plan.intervals, rules, {n: columns[n] for n in names})
    rows = group.rows[:, alive]
    return Group(group.tables, rows.shape[1], rows)
