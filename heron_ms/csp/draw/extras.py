"""Extra constraints, a set for each offspring, evaluated for all sets at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from heron_ms.csp.compile.join import Joined
from heron_ms.csp.constraints import Column, Columns, Constraint
from heron_ms.csp.intervals import Interval

Extras: TypeAlias = Sequence[Constraint]
"""The extra constraints of one set."""

WIDEST = 16
"""Values up to which a set of values is compared value by value for all sets at once."""


@dataclass
class SetChecks:
    """Some extra constraints of each set: value sets by variable, and whatever else.

    `values[name]` maps a set's number to its allowed values; `rest` holds (set, constraint).
    """

    values: dict[str, dict[int, tuple[int, ...]]] = field(default_factory=dict)
    rest: list[tuple[int, Constraint]] = field(default_factory=list)

    def add(self, owners: Iterable[int], constraint: Constraint) -> None:
        """Note one constraint of some sets."""
        allowed = constraint.allowed()
        if allowed is None or len(allowed[1]) > WIDEST:
            self.rest += [(owner, constraint) for owner in owners]
            return
        name, values = allowed
        by_owner, alone = self.values.setdefault(name, {}), tuple(values)
        for owner in owners:
            other = by_owner.get(owner, alone)
            by_owner[owner] = alone if other is alone else tuple(v for v in other if v in values)

    def names(self) -> list[str]:
        """The variables that are read."""
        return [*self.values, *(v for _, c in self.rest for v in c.variables())]

    def supports(self, support: Mapping[str, frozenset[int]]) -> list[frozenset[int]]:
        """The tables behind each restricted variable and each other constraint."""
        return [_joint(support, names) for names in ([n] for n in self.values)] + [
            _joint(support, c.variables()) for _, c in self.rest
        ]

    def decided(
        self,
        support: Mapping[str, frozenset[int]],
        now: frozenset[int],
        before: frozenset[int] | None,
    ) -> SetChecks:
        """Those that the tables `now` decide and the tables `before` did not."""

        def fresh(names: Sequence[str]) -> bool:
            needs = _joint(support, names)
            return needs <= now and (before is None or not needs <= before)

        return SetChecks(
            {name: sets for name, sets in self.values.items() if fresh([name])},
            [(owner, c) for owner, c in self.rest if fresh(c.variables())],
        )

    @cached_property
    def tables(self) -> list[tuple[str, NDArray[np.int64], NDArray[np.float64]]]:
        """For each variable: the sets that restrict it, [k], and their values, [k, width].

        Asked for when all constraints are noted.
        """
        tables = []
        for name, by_owner in self.values.items():
            width = max(1, *(len(v) for v in by_owner.values()))
            padded = [(*v, *(np.nan,) * (width - len(v))) for v in by_owner.values()]
            tables.append((name, np.array(list(by_owner)), np.array(padded, np.float64)))
        return tables

    def mask(self, columns: Columns, owner: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which candidates satisfy the constraints of their own set, `owner` [n] (ascending)."""
        good = np.ones(len(owner), bool)
        for name, owners, values in self.tables:
            slot = np.full(int(max(owner.max(initial=0), owners.max())) + 1, -1)
            slot[owners] = np.arange(len(owners))
            place = slot[owner]
            hit = place < 0
            for value in values.T:
                hit |= value[place] == columns[name]
            good &= hit
        for one, constraint in self.rest:
            part = slice(*np.searchsorted(owner, [one, one + 1]))
            good[part] &= constraint.mask(_sliced(columns, constraint, part))
        return good

    def ranges(
        self, intervals: Mapping[str, Interval], owner: NDArray[np.int64]
    ) -> dict[str, Interval]:
        """The interval of each restricted variable for each candidate of sets `owner` [n]."""
        ranges: dict[str, Interval] = {}
        for name, owners, values in self.tables:
            size = int(max(owner.max(initial=0), owners.max())) + 1
            low, high = (np.full(size, end) for end in intervals[name])
            low[owners] = np.fmax(low[owners], np.fmin.reduce(values, axis=1))
            high[owners] = np.fmin(high[owners], np.fmax.reduce(values, axis=1))
            ranges[name] = (low[owner], high[owner])
        return ranges

    def grid(self, columns: Columns, sets: int, size: int) -> NDArray[np.bool_]:
        """For each set and each of `size` rows whether the row satisfies the set: [sets, size]."""
        good = np.ones((sets, size), bool)
        for name, owners, values in self.tables:
            hit = np.zeros((len(owners), size), bool)
            for value in values.T:
                hit |= columns[name] == value[:, None]
            good[owners] &= hit
        for one, constraint in self.rest:
            good[one] &= constraint.mask(columns)
        return good


def split(
    joined: Joined, sets: Sequence[Extras]
) -> tuple[Mapping[int, SetChecks], SetChecks, set[int]]:
    """Sort extra constraints into those that one listed group decides, by group, and the others.

    The third result holds the sets that contradict what is fixed.
    """
    home = {t: i for i, group in enumerate(joined.groups) for t in group.tables}
    listed = {i for i, group in enumerate(joined.groups) if joined.listed(group)}

    @cache
    def groups_of(names: tuple[str, ...]) -> frozenset[int]:
        return frozenset(home[table] for name in names for table in joined.plan.support[name])

    local: dict[int, SetChecks] = {}
    across = SetChecks()
    impossible: set[int] = set()
    for constraint, owners in _owners(sets):
        groups = groups_of(constraint.variables())
        if len(groups) == 1 and groups <= listed:
            local.setdefault(min(groups), SetChecks()).add(owners, constraint)
        elif groups:
            across.add(owners, constraint)
        elif not constraint.mask(joined.plan.fixed):
            impossible.update(owners)
    return local, across, impossible


def _owners(sets: Sequence[Extras]) -> Iterable[tuple[Constraint, list[int]]]:
    """The sets that have each constraint; one is the same where it is the same object."""
    owners: dict[int, tuple[Constraint, list[int]]] = {}
    for owner, extra in enumerate(sets):
        for constraint in extra:
            if id(constraint) not in owners:
                owners[id(constraint)] = constraint, []
            owners[id(constraint)][1].append(owner)
    return owners.values()


def _joint(support: Mapping[str, frozenset[int]], names: Sequence[str]) -> frozenset[int]:
    return frozenset[int]().union(*(support[name] for name in names))


def _sliced(columns: Columns, constraint: Constraint, part: slice) -> dict[str, Column]:
    """The columns that a constraint reads, cut to some rows; fixed variables are not columns."""
    return {
        name: columns[name][part] if isinstance(columns[name], np.ndarray) else columns[name]
        for name in constraint.variables()
    }
