"""Constraint satisfaction problems over finite integers: state them, sample them, count them.

Knows nothing of tensor programs. See `Problem` for what can be asked, `heron_ms.csp.constraints`
for the six kinds of the paper, and `heron_ms.csp.plan`, `narrow`, `join`, `sampling`, `each` and
`search` for how it is solved, in this order.
"""

from heron_ms.csp.constraints import Constraint, Eq, In, Le, Prod, Select, Sum
from heron_ms.csp.decisions import Decisions
from heron_ms.csp.factorize import ordered_factorizations
from heron_ms.csp.nearest import nearest_each
from heron_ms.csp.problem import Assignment, Problem
from heron_ms.csp.variable import LARGEST, Operand, UnsatisfiableError, Variable

__all__ = [
    "LARGEST",
    "Assignment",
    "Constraint",
    "Decisions",
    "Eq",
    "In",
    "Le",
    "Operand",
    "Problem",
    "Prod",
    "Select",
    "Sum",
    "UnsatisfiableError",
    "Variable",
    "nearest_each",
    "ordered_factorizations",
]
