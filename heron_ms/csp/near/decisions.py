"""A problem as a vector of decisions: its free variables, from which all others follow.

What is not built on the solver (a genetic algorithm on plain vectors, a walk from neighbour to
neighbour) works on these vectors. A vector need not be a solution: `violations` says by how much
it is none, and `heron_ms.csp.near.nearest` finds a solution beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from heron_ms.csp.compile.compiled import Compiled
from heron_ms.csp.compile.join import Joined
from heron_ms.csp.compile.tables import ListTable, Table
from heron_ms.csp.constraints import Constraint
from heron_ms.csp.problem import Problem
from heron_ms.csp.variable import UnsatisfiableError

LISTED = 2**12
"""Values that a variable whose range is too long to list is cut down to, evenly spread."""
BEYOND = 2.0**62
"""Magnitude at which what follows from an infeasible vector is cut off, to fit int64."""


@dataclass(frozen=True)
class Decisions:
    """The free variables of a problem that propagation does not refute.

    Its methods raise UnsatisfiableError for a problem that propagation refutes.
    """

    problem: Problem

    @cached_property
    def small(self) -> Joined:
        """The compiled problem, joined while its tables are small."""
        return self._compiled.small

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The free variables, the factors of a split side by side."""
        return tuple(self.values)

    @cached_property
    def values(self) -> Mapping[str, NDArray[np.int64]]:
        """For each free variable the values that no table rules out: int64, ascending."""
        tables = self.small.plan.tables
        return {n: _values(t, n) for t in tables for n in t.names if not _is_copy(n)}

    @cached_property
    def splits(self) -> tuple[tuple[str, ...], ...]:
        """The factors of each axis split: free variables whose product is fixed."""
        listed = [t for t in self.small.plan.tables if isinstance(t, ListTable)]
        return tuple(tuple(map(_original, t.names)) for t in listed if len(t.names) > 1)

    @cached_property
    def positions(self) -> NDArray[np.int64]:
        """Where the free variables stand in `problem.names`: int64 [len(names)]."""
        place = {name: p for p, name in enumerate(self.problem.names)}
        return np.array([place[name] for name in self.names], np.int64)

    @cached_property
    def checks(self) -> tuple[Constraint, ...]:
        """All that makes a solution: the constraints, and the domains."""
        return (*self.problem.constraints, *self.problem.domain_checks)

    def extended(self, vectors: NDArray[np.int64]) -> NDArray[np.int64]:
        """All variables, int64 [n, len(problem.names)], of vectors, int64 [n, len(names)].

        Nothing is checked; what has no whole value, such as an uneven quotient, is rounded down.
        """
        given = dict(zip(self.names, vectors.T.astype(np.float64), strict=True))
        columns = self._compiled.derived(given)
        assert columns is not None, "free variables leave nothing open"
        rows = np.empty((len(vectors), len(self.problem.names)), np.float64)
        for position, name in enumerate(self.problem.names):
            rows[:, position] = columns[name]
        return np.clip(np.nan_to_num(rows), -BEYOND, BEYOND).astype(np.int64)

    def violations(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """By how much each of `checks` is violated: float64 [n, len(checks)], 0 where it holds.

        `rows` is int64 [n, len(problem.names)].
        """
        columns = dict(zip(self.problem.names, rows.T.astype(np.float64), strict=True))
        amounts = np.empty((len(rows), len(self.checks)), np.float64)
        for position, check in enumerate(self.checks):
            amounts[:, position] = check.violation(columns)
        return amounts

    @cached_property
    def _compiled(self) -> Compiled:
        compiled = self.problem.compiled
        if compiled is None:
            raise UnsatisfiableError("no decisions: the problem has no solution")
        return compiled


def _values(table: Table, name: str) -> NDArray[np.int64]:
    if isinstance(table, ListTable):
        return np.unique(table.take(name, slice(None))).astype(np.int64)
    spread = np.linspace(0, table.size - 1, min(table.size, LISTED)).astype(np.int64)
    return table.take(name, spread).astype(np.int64)


def _is_copy(name: str) -> bool:
    """Whether a column repeats a variable that another split has too (`compile.splits`)."""
    return "\0" in name


def _original(name: str) -> str:
    return name.partition("\0")[0]
