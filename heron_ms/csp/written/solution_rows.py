"""Solutions as the values of their tunable variables only: the rest follows from the problem."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from heron_ms.csp.problem import Problem
from heron_ms.csp.written.problem_json import SerialProblemError

Rows = NDArray[np.int64]


def columns_of(problem: Problem, names: Sequence[str], rows: Rows) -> Rows:
    """The columns of some variables, int64 [n, names], out of rows int64 [n, problem.names]."""
    position = {name: at for at, name in enumerate(problem.names)}
    return np.asarray(rows, np.int64)[:, [position[name] for name in names]]


def completed(problem: Problem, names: Sequence[str], values: Rows) -> Rows:
    """The solutions, int64 [n, problem.names], with the given values, int64 [n, names].

    What a definition computes is computed for all rows at once; variables that the given ones do
    not determine cost a search a row. Raises `SerialProblemError` for values that no solution has,
    naming the first such row.
    """
    values = np.asarray(values, np.int64)
    columns = _derived(problem, names, values)
    rows = _one_by_one(problem, names, values) if columns is None else columns
    broken = _broken(problem, rows)
    if broken.any():
        first = dict(zip(names, values[int(np.argmax(broken))].tolist(), strict=True))
        raise SerialProblemError(f"no solution has {first}: record the set anew")
    return rows


def _derived(problem: Problem, names: Sequence[str], values: Rows) -> Rows | None:
    """Every variable by the problem's definitions; None where they leave some open."""
    given = dict(zip(names, values.T.astype(np.float64), strict=True))
    columns = None if problem.compiled is None else problem.compiled.derived(given)
    if columns is None:
        return None
    whole = np.empty((len(values), len(problem.names)), np.float64)
    for at, name in enumerate(problem.names):
        whole[:, at] = columns[name]
    return np.nan_to_num(whole).astype(np.int64)


def _one_by_one(problem: Problem, names: Sequence[str], values: Rows) -> Rows:
    rows = np.empty((len(values), len(problem.names)), np.int64)
    for at, given in enumerate(values.tolist()):
        decided = dict(zip(names, given, strict=True))
        solution = problem.complete(decided)
        if solution is None:
            raise SerialProblemError(f"no solution has {decided}: record the set anew")
        rows[at] = [solution[name] for name in problem.names]
    return rows


def _broken(problem: Problem, rows: Rows) -> NDArray[np.bool_]:
    """Which rows break a domain or a constraint; bool [n]."""
    columns = {name: rows[:, at].astype(np.float64) for at, name in enumerate(problem.names)}
    broken = np.zeros(len(rows), bool)
    for constraint in (*problem.domain_checks, *problem.constraints):
        broken |= ~np.broadcast_to(np.asarray(constraint.mask(columns), bool), broken.shape)
    return broken
