"""What a good program keeps and a legal one may break: limits that only cost time.

One register too many spills, a tile larger than L1 is read from L2, the ten thousandth task is
launched like the first: such programs are slow and right. So a limit of this kind holds where some
program keeps it together with the others, and is given up where none does.
"""

from __future__ import annotations

from collections.abc import Sequence

from heron_ms.csp import Constraint, Problem


def preferring(
    whole: Problem, preferences: Sequence[Constraint]
) -> tuple[Problem, tuple[Constraint, ...]]:
    """A problem less the preferences that have to be given up for a solution, and these.

    Of preferences that clash the one stated last is given up first.
    """
    given_up: list[Constraint] = []
    problem = whole
    while not problem.is_satisfiable():
        clash = problem.conflict()
        weakest = next(
            (preference for preference in reversed(preferences) if preference in clash), None
        )
        if weakest is None:
            break
        given_up.append(weakest)
        kept = [constraint for constraint in whole.constraints if constraint not in given_up]
        problem = Problem(whole.variables, kept)
    return problem, tuple(given_up)
