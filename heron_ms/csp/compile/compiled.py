"""A problem in the form that is solved: what draws, counts, projects or minimises starts here."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from heron_ms.csp.compile.columns import derived
from heron_ms.csp.compile.join import Joined, join
from heron_ms.csp.compile.narrow import narrowed
from heron_ms.csp.compile.plan import Plan, compile_plan
from heron_ms.csp.compile.tied import tied
from heron_ms.csp.constraints import Column, Constraint
from heron_ms.csp.variable import Variable

SMALL_LIMIT = 2**12
"""Cross product up to which `small` joins tables: a mask covers every row of a group."""
CHUNK = 2**15
"""Solutions that are listed at once."""


@dataclass(frozen=True)
class Compiled:
    """The free variables of a problem as tables, of which propagation took what it could.

    The face of the compiler: `heron_ms.csp.compile.plan` says how a problem becomes tables,
    `narrow` how they shrink, `join` how they are merged.
    """

    plan: Plan

    @cached_property
    def joined(self) -> Joined:
        """The tables joined as far as they can be enumerated, to draw and to count."""
        return join(self.plan)

    @cached_property
    def small(self) -> Joined:
        """The tables joined only while they are small, for many sets of extra constraints."""
        return join(self.plan, SMALL_LIMIT)

    @property
    def size(self) -> int:
        """Rows of the cross product of the tables; at least as many as there are solutions."""
        return math.prod(table.size for table in self.plan.tables)

    def adding(self, extra: Sequence[Constraint]) -> Compiled | None:
        """With more constraints; None where they leave nothing."""
        return _shrunk(self.plan.adding(extra))

    def tied(self) -> Compiled:
        """With one table in place of every two that decide a constraint between them."""
        return Compiled(tied(self.plan))

    def narrowed(self) -> Compiled | None:
        """With fewer rows and tighter intervals; None where nothing is left."""
        return _shrunk(self.plan)

    def halves(self) -> tuple[Compiled, Compiled]:
        """Its solutions in two parts, by the middle of the largest table."""
        tables = self.plan.tables
        low, high = self.plan.halved(max(range(len(tables)), key=lambda t: tables[t].size))
        return Compiled(low), Compiled(high)

    def least_product(self, names: Sequence[str]) -> float:
        """A lower bound of the product of some positive variables over all rows of the tables."""
        result = 1.0
        left = dict.fromkeys(names)
        for table in self.plan.tables:
            own = [name for name in left if name in table.names]
            if own and table.listed:
                columns = [table.take(name, slice(None)) for name in own]
                result *= float(np.min(np.prod(columns, axis=0)))
                left = dict.fromkeys(name for name in left if name not in own)
        return result * float(math.prod(self.plan.intervals[name][0] for name in left))

    def listed(self, names: Sequence[str]) -> Iterator[tuple[int, dict[str, Column]]]:
        """All solutions where its `size` can be enumerated: how many, and columns of `names`.

        A column is float64 [how many], or a float where the variable is fixed.
        """
        joined = join(self.plan, self.size)
        sizes = [group.size for group in joined.groups]
        program = joined.program(names)
        for start in range(0, joined.total, CHUNK):
            rows = np.arange(start, min(start + CHUNK, joined.total))
            places = np.unravel_index(rows, sizes) if sizes else ()
            columns = program.run(joined.plan.tables, joined.picks(list(places)))
            yield len(rows), {name: columns[name] for name in names}

    def derived(self, values: Mapping[str, Column]) -> dict[str, Column] | None:
        """All variables, from `values` of some; None where these leave one open.

        Nothing is checked: a given value stays, and what no integer division gives is no number.
        """
        return derived(self.plan, values)


def compiled(variables: Sequence[Variable], constraints: Sequence[Constraint]) -> Compiled | None:
    """Compile a problem; None where propagation alone shows that there is no solution."""
    plan = compile_plan(variables, constraints)
    return None if plan is None else _shrunk(plan)


def _shrunk(plan: Plan) -> Compiled | None:
    small = narrowed(plan)
    return None if small is None else Compiled(small)
