"""A constraint satisfaction problem over finite integers, and everything that is asked of it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from heron_ms.csp.compile.compiled import Compiled, compiled
from heron_ms.csp.compile.join import Joined
from heron_ms.csp.compile.ranges import domain_check
from heron_ms.csp.constraints import Constraint, Eq
from heron_ms.csp.draw.complete_search import satisfiable
from heron_ms.csp.draw.population import solve_each
from heron_ms.csp.draw.sampling import rejection, solutions
from heron_ms.csp.draw.solution_count import estimate, exact_count
from heron_ms.csp.given import integer, whole
from heron_ms.csp.variable import UnsatisfiableError, Variable
from heron_ms.csp.written.conflict import smallest_conflict
from heron_ms.csp.written.problem_text import problem_text, with_rule
from heron_ms.errors import AssignmentError

Assignment: TypeAlias = dict[str, int]
"""A value for each variable of a problem."""

QUICK = 2**15
"""Random draws before satisfiability is left to the complete search."""
NODES = 50
"""Nodes of search that a conflict may spend on telling whether one constraint matters."""


@dataclass(frozen=True)
class Problem:
    """Variables and the constraints over them; immutable, compiled once, at first use.

    Raises ValueError for a name used twice, a constraint on an unknown variable, and magnitudes
    that float64 could not hold exactly.
    """

    variables: Sequence[Variable]
    constraints: Sequence[Constraint]

    def __post_init__(self) -> None:
        object.__setattr__(self, "variables", tuple(self.variables))
        object.__setattr__(self, "constraints", tuple(self.constraints))
        twice = [name for name, uses in Counter(self.names).items() if uses > 1]
        if twice:
            raise ValueError(f"variables declared more than once: {', '.join(twice)}")
        self._validate(self.constraints)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The variables' names, in order: the columns of `sample_array`."""
        return tuple(v.name for v in self.variables)

    def sample(self, n: int, rng: Generator, *extra: Constraint) -> list[Assignment]:
        """Up to `n` distinct solutions that also satisfy `extra`; see `sample_array`."""
        names = self.names
        return [
            dict(zip(names, r, strict=True)) for r in self.sample_array(n, rng, *extra).tolist()
        ]

    def sample_array(self, n: int, rng: Generator, *extra: Constraint) -> NDArray[np.int64]:
        """Up to `n` distinct solutions as int64 [k, len(names)] (the paper's RandSAT).

        Uniform over all solutions where tables and their join settle the problem or rejection is
        not too thin (see `heron_ms.csp.draw.sampling`). k < n only when no more exist, or when a
        solution is known and the search for the rest gave up; k = 0 means unsatisfiable. Raises
        ValueError for a constraint on an unknown variable, `AssignmentError` for an n below zero.
        """
        if integer("n", n) < 0:
            raise AssignmentError(f"n must be at least 0, got {n}")
        joined = self._join(extra)
        if joined is None or n <= 0:
            return np.empty((0, len(self.names)), np.int64)
        return solutions(joined, n, rng)

    def sample_each(
        self,
        rng: Generator,
        extras: Sequence[Sequence[Constraint]],
        avoid: NDArray[np.int64] | None = None,
    ) -> list[NDArray[np.int64] | None]:
        """One random solution for each set of extra constraints, all drawn together.

        Returns an int64 [len(names)] row for each set, None only where it is unsatisfiable: the
        offspring of the paper's constrained crossover. Rows of `avoid`,
        int64 [m, len(names)], are returned only where no other solution was drawn.
        """
        # Offspring have most of their constraints in common, as objects too.
        self._validate({id(c): c for extra in extras for c in extra}.values())
        if self.compiled is None:
            return [None] * len(extras)
        return solve_each(self.compiled.small, extras, rng, avoid)

    def is_satisfiable(self, *extra: Constraint) -> bool:
        """Whether there is a solution; exact, by complete search where nothing cheaper settles."""
        return self._settle(extra, math.inf) is True

    def count(self) -> int | None:
        """The exact number of solutions, or None where it is not cheap.

        Cheap means that every set of tables linked by constraints could be joined through cross
        products of at most 2^24 rows, which takes up to a second.
        """
        return self._count

    def estimate_count(self, rng: Generator) -> float:
        """The number of solutions: exact where the join settles it, else a random estimate."""
        joined = self._join(())
        return 0.0 if joined is None else estimate(joined, rng)

    def check(self, assignment: Mapping[str, int]) -> list[Constraint]:
        """The constraints that an assignment breaks, a domain being an `In`.

        Raises `AssignmentError` naming a variable that has no value, an unknown one, or one whose
        value is no integer.
        """
        return self._broken(whole(assignment, self.names))

    def _broken(self, values: Assignment) -> list[Constraint]:
        return [c for c in (*self.domain_checks, *self.constraints) if not c.holds(values)]

    def conflict(self, *extra: Constraint) -> list[Constraint]:
        """An irreducible set of constraints and domains that clash; [] when satisfiable.

        Every subset of it is satisfiable as far as `NODES` nodes of search can tell.
        """
        if self.is_satisfiable(*extra):
            return []
        return smallest_conflict(self.variables, (*self.constraints, *extra), _unsatisfiable)

    def require(self, *extra: Constraint) -> None:
        """Raise UnsatisfiableError naming the constraints that clash, if there is no solution."""
        clash = self.conflict(*extra)
        if clash:
            raise UnsatisfiableError(f"no solution: {'; '.join(map(with_rule, clash))}")

    def with_constraints(self, *extra: Constraint) -> Problem:
        """The same problem with more constraints."""
        return Problem(self.variables, (*self.constraints, *extra))

    def complete(self, decisions: Mapping[str, int]) -> Assignment | None:
        """The assignment that `decisions` lead to; None if it breaks something.

        Decisions are normally the values of all tunable variables. Where they leave a choice, the
        same one is made each time. Raises ValueError for an unknown name.
        """
        given = [Eq(name, integer(name, value)) for name, value in decisions.items()]
        self._validate(given)
        columns = None if self.compiled is None else self.compiled.derived(decisions)
        if columns is None:
            return next(iter(self.sample(1, default_rng(0), *given)), None)
        values = {name: int(np.nan_to_num(columns[name])) for name in self.names}
        return None if self._broken(values) else values

    def __str__(self) -> str:
        return problem_text(self.variables, self.constraints)

    def __reduce__(self) -> tuple[Any, ...]:
        return Problem, (self.variables, self.constraints)

    @cached_property
    def compiled(self) -> Compiled | None:
        """What is solved in its place; None where propagation alone shows: no solution."""
        return compiled(self.variables, self.constraints)

    @cached_property
    def domain_checks(self) -> tuple[Constraint, ...]:
        """That every variable is in its domain, as constraints in the order of the variables."""
        return tuple(domain_check(v.name, v.domain) for v in self.variables)

    @cached_property
    def _count(self) -> int | None:
        return 0 if self.compiled is None else exact_count(self.compiled.joined)

    def _join(self, extra: Sequence[Constraint]) -> Joined | None:
        """The joined tables under `extra`; None where that shows there is no solution."""
        self._validate(extra)
        part = self.compiled
        if extra and part is not None:
            part = part.adding(extra)
        return part.joined if part is not None and part.joined.total else None

    def _settle(self, extra: Sequence[Constraint], nodes: float) -> bool | None:
        """Whether there is a solution; None where it takes more than `nodes` nodes to tell."""
        joined = self._join(extra)
        if joined is None:
            return False
        rng = default_rng(0)
        if joined.open and len(rejection(joined, 1, rng, QUICK)[0]):
            return True
        return satisfiable(joined, rng, nodes)

    def _validate(self, constraints: Iterable[Constraint]) -> None:
        """Raise ValueError for a constraint that this problem cannot hold."""
        largest = self._largest
        for constraint in constraints:
            for name in constraint.variables():
                if name not in largest:
                    raise ValueError(f"unknown variable {name!r} in: {constraint}")
            constraint.check_size(largest)

    @cached_property
    def _largest(self) -> dict[str, int]:
        return {v.name: max(abs(v.domain[0]), abs(v.domain[-1])) for v in self.variables}


def _unsatisfiable(variables: Sequence[Variable], constraints: Sequence[Constraint]) -> bool:
    """Whether a limited search proves that there is no solution."""
    return Problem(variables, constraints)._settle((), NODES) is False
