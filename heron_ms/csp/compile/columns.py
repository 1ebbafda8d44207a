"""Compute columns of values: what is drawn from the tables, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from heron_ms.csp.compile.definitions import Definition
from heron_ms.csp.compile.plan import Plan
from heron_ms.csp.compile.tables import Rows, Table
from heron_ms.csp.constraints import Column

Picks: TypeAlias = Mapping[int, Rows | slice]
"""Which rows of which table; all of one length."""


@dataclass(frozen=True)
class Program:
    """The steps that compute some variables of a plan, so that nothing else is computed."""

    fixed: Mapping[str, float]
    reads: tuple[tuple[str, int], ...]
    steps: tuple[Definition, ...]

    def run(self, tables: Sequence[Table], picks: Picks) -> dict[str, Column]:
        """A float64 column (a float where fixed) for each variable, given rows of the tables."""
        columns: dict[str, Column] = dict(self.fixed)
        for name, table in self.reads:
            columns[name] = tables[table].take(name, picks[table])
        with np.errstate(divide="ignore", invalid="ignore"):  # an inverse may divide by 0
            for step in self.steps:
                columns[step.target] = step.constraint.value(step.target, columns)
        return columns


def derived(plan: Plan, values: Mapping[str, Column]) -> dict[str, Column] | None:
    """All variables, where `values` leaves none open; None where it does.

    Nothing is checked: a given value stays, and what no division gives is no number.
    """
    columns: dict[str, Column] = {**plan.fixed, **values}
    with np.errstate(all="ignore"):
        for step in plan.definitions:
            if any(name not in columns for name in step.inputs):
                return None
            if step.target not in values:
                columns[step.target] = step.constraint.value(step.target, columns)
    return columns if all(name in columns for name in plan.names) else None


def program(plan: Plan, names: Iterable[str]) -> Program:
    """What computes `names` from the tables of `plan`."""
    needed = set(names)
    steps = []
    for definition in reversed(plan.definitions):
        if definition.target in needed:
            needed.update(definition.inputs)
            steps.append(definition)
    reads = [(n, i) for i, t in enumerate(plan.tables) for n in t.names if n in needed]
    return Program(plan.fixed, tuple(reads), tuple(reversed(steps)))
