"""Compile a problem: what is fixed, what is computed from what, what is free, what is checked.

Every Prod, Sum, Select and Eq may define its target from its other operands. What nothing defines
is free and becomes a column of a table; a product of free variables with a fixed result becomes
one table of ordered factorisations. This is what makes sampling fast: only rows of tables are
drawn, all else is computed in numpy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from heron_ms.csp.compile.definitions import Definition, define, ordered
from heron_ms.csp.compile.propagate import propagate
from heron_ms.csp.compile.ranges import dense, domain_check, range_checks
from heron_ms.csp.compile.splits import Split, split_tables
from heron_ms.csp.compile.tables import Table, domain_table, within
from heron_ms.csp.constraints import Constraint
from heron_ms.csp.intervals import Interval
from heron_ms.csp.variable import TUNABLE, Variable


@dataclass(frozen=True)
class Plan:
    """A compiled problem.

    `definitions` are in topological order, `tables` hold the free variables, `checks` is what a
    draw must still satisfy, `rules` is everything that prunes, definitions first, `intervals`
    bounds every variable. `support[name]` is the set of tables that a variable is computed from;
    it is empty for a fixed variable, whose value is in `fixed`.
    """

    names: tuple[str, ...]
    fixed: dict[str, float]
    definitions: tuple[Definition, ...]
    tables: tuple[Table, ...]
    checks: tuple[Constraint, ...]
    rules: tuple[Constraint, ...]
    intervals: dict[str, Interval]
    support: dict[str, frozenset[int]]

    def needs(self, constraint: Constraint) -> frozenset[int]:
        """The tables that decide a constraint."""
        return frozenset[int]().union(*(self.support[v] for v in constraint.variables()))

    def adding(self, extra: Sequence[Constraint]) -> Plan:
        """The same plan with more checks."""
        return replace(self, checks=(*self.checks, *extra), rules=(*self.rules, *extra))

    def halved(self, table: int) -> tuple[Plan, Plan]:
        """The same plan twice, each with one half of a table."""
        before, after = self.tables[:table], self.tables[table + 1 :]
        low, high = self.tables[table].halves()
        return (
            replace(self, tables=(*before, low, *after)),
            replace(self, tables=(*before, high, *after)),
        )


def compile_plan(variables: Sequence[Variable], constraints: Sequence[Constraint]) -> Plan | None:
    """Compile; None where interval propagation alone shows that there is no solution."""
    domains = {v.name: v.domain for v in variables}
    holes = [domain_check(n, d) for n, d in domains.items() if not dense(d)]
    hulls = {n: (float(d[0]), float(d[-1])) for n, d in domains.items()}
    intervals = propagate(hulls, (*constraints, *holes))
    if intervals is None:
        return None
    fixed = {n: low for n, (low, high) in intervals.items() if low == high}
    definitions, splits, tables = _structure(variables, constraints, intervals, fixed)
    definitions, constants = _folded(definitions, fixed)
    fixed.update(constants)
    absorbed = {*(s.constraint for s in splits), *(d.constraint for d in definitions)}
    checks = (
        *(c for c in constraints if c not in absorbed),
        *(c for split in splits for c in split.equations()),
        *(r for d in definitions for r in d.constraint.requires(d.target)),
        *(domain_check(name, domains[name]) for name in constants),
        *range_checks(definitions, tables, domains, intervals, fixed),
    )
    return Plan(
        names=tuple(domains),
        fixed=fixed,
        definitions=definitions,
        tables=tables,
        checks=tuple(dict.fromkeys(checks)),
        rules=tuple(dict.fromkeys((*(d.constraint for d in definitions), *checks))),
        intervals={**intervals, **{c: intervals[n] for s in splits for c, n in s.copies.items()}},
        support=_support(tables, definitions, fixed),
    )


def _structure(
    variables: Sequence[Variable],
    constraints: Sequence[Constraint],
    intervals: Mapping[str, Interval],
    fixed: Mapping[str, float],
) -> tuple[tuple[Definition, ...], list[Split], tuple[Table, ...]]:
    """The definitions, the products that are tables, and all tables.

    Splits come before definitions of tunables, and those before definitions by inversion, because
    a table of a split is worth more than what a definition of one of its factors saves.
    """
    chosen: dict[str, Definition] = {}
    auxiliary = [v.name for v in variables if v.role != TUNABLE and v.name not in fixed]
    define(chosen, constraints, auxiliary, lambda c: c.targets())
    free = {
        v.name: within(v.domain, intervals[v.name])
        for v in variables
        if v.name not in fixed and v.name not in chosen
    }
    splits = split_tables(constraints, free, chosen, fixed)
    tables: list[Table] = [split.table for split in splits]
    left = {name: d for name, d in free.items() if not any(name in t.names for t in tables)}
    unused = [c for c in constraints if all(c is not split.constraint for split in splits)]
    define(chosen, unused, left, lambda c: c.targets())
    define(chosen, unused, left, partial(_inverses, intervals=intervals))
    tables.extend(domain_table(name, d) for name, d in left.items() if name not in chosen)
    return ordered(chosen), splits, tuple(tables)


def _folded(
    definitions: Sequence[Definition], fixed: Mapping[str, float]
) -> tuple[tuple[Definition, ...], dict[str, float]]:
    """Definitions without those that read only fixed variables, and the values of these."""
    left, constants = list[Definition](), dict[str, float]()
    for definition in definitions:
        known = {**fixed, **constants}
        if all(name in known for name in definition.inputs):
            value = definition.constraint.value(definition.target, known)
            constants[definition.target] = float(value)
        else:
            left.append(definition)
    return tuple(left), constants


def _inverses(constraint: Constraint, intervals: Mapping[str, Interval]) -> tuple[str, ...]:
    return constraint.inverses(intervals)


def _support(
    tables: Sequence[Table], definitions: Sequence[Definition], fixed: Mapping[str, float]
) -> dict[str, frozenset[int]]:
    support = {name: frozenset[int]() for name in fixed}
    support.update({n: frozenset({i}) for i, t in enumerate(tables) for n in t.names})
    for definition in definitions:
        support[definition.target] = frozenset[int]().union(
            *(support[name] for name in definition.inputs)
        )
    return support
