"""Explain why a problem has no solution: a smallest set of constraints that clash."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from heron_ms.csp.compile.ranges import domain_check
from heron_ms.csp.constraints import Constraint
from heron_ms.csp.variable import Variable

OPEN = 2**40
"""How far a dropped domain is opened either way."""

Refuted = Callable[[Sequence[Variable], Sequence[Constraint]], bool]


def smallest_conflict(
    variables: Sequence[Variable], constraints: Sequence[Constraint], refuted: Refuted
) -> list[Constraint]:
    """An irreducible unsatisfiable subset, by deletion: drop whatever is not needed for the clash.

    Domains are dropped too, by opening them to a wide range; those that matter are reported as
    `In`. Dropping one more element of the result would leave a satisfiable problem.
    """
    kept = list(constraints)
    used = list(variables)
    for constraint in list(kept):
        trial = [c for c in kept if c is not constraint]
        if refuted(used, trial):
            kept = trial
    mentioned = {name for c in kept for name in c.variables()}
    used = [v for v in used if v.name in mentioned]
    matter = []
    for position, variable in enumerate(list(used)):
        trial_variables = list(used)
        trial_variables[position] = _opened(variable)
        if refuted(trial_variables, kept):
            used = trial_variables
        else:
            matter.append(domain_check(variable.name, variable.domain))
    return [*kept, *matter]


def _opened(variable: Variable) -> Variable:
    low, high = min(-OPEN, variable.domain[0]), max(OPEN, variable.domain[-1])
    return Variable(variable.name, range(low, high + 1), variable.role)
