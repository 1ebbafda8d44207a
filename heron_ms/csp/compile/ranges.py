"""Which computed values must still be checked against the domain of their variable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from heron_ms.csp.compile.definitions import Definition
from heron_ms.csp.compile.tables import ListTable, Table
from heron_ms.csp.constraints import Column, Constraint, In
from heron_ms.csp.intervals import ANYTHING, Bounds, Interval

Domain = range | tuple[int, ...]
MOST_ROWS = 2**16
"""Rows of the largest table that is gone through to see what it can give."""


def domain_check(name: str, domain: Domain) -> In:
    """That a variable is in its domain, as a constraint."""
    return In(name, domain if isinstance(domain, range) else frozenset(domain), "domain")


def dense(domain: Domain) -> bool:
    """Whether a domain has no holes, so that its ends say all."""
    return domain[-1] - domain[0] == len(domain) - 1


def range_checks(
    definitions: Sequence[Definition],
    tables: Sequence[Table],
    domains: Mapping[str, Domain],
    intervals: Mapping[str, Interval],
    fixed: Mapping[str, float],
) -> list[Constraint]:
    """The domains of computed variables, save those that their inputs cannot leave.

    Only `intervals` of free variables may be used, as a computed value is within its propagated
    interval only thanks to these very checks.
    """
    exact = _exact(tables, definitions, fixed)
    reach = dict(intervals)
    checks: list[Constraint] = []
    for definition in definitions:
        name, domain = definition.target, domains[definition.target]
        low, high = exact[name] if name in exact else _natural(definition, reach)
        if not (dense(domain) and domain[0] <= low and high <= domain[-1]):
            checks.append(domain_check(name, domain))
        reach[name] = (max(low, float(domain[0])), min(high, float(domain[-1])))
    return checks


def _exact(
    tables: Sequence[Table], definitions: Sequence[Definition], fixed: Mapping[str, float]
) -> dict[str, Interval]:
    """The least and greatest values of whatever is computed from a single table."""
    exact: dict[str, Interval] = {}
    for table in tables:
        if not isinstance(table, ListTable) or not 0 < table.size <= MOST_ROWS:
            continue
        columns: dict[str, Column] = {**fixed, **dict(zip(table.names, table.columns, strict=True))}
        for definition in definitions:
            if all(name in columns for name in definition.inputs):
                column = definition.constraint.value(definition.target, columns)
                columns[definition.target] = column
                exact[definition.target] = (float(np.min(column)), float(np.max(column)))
    return exact


def _natural(definition: Definition, reach: Mapping[str, Interval]) -> Interval:
    """The interval of a computed value given intervals of its inputs."""
    bounds = Bounds({**reach, definition.target: ANYTHING})
    definition.constraint.prune(bounds)
    return bounds.intervals[definition.target]
