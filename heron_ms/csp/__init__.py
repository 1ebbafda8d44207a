"""Constraint satisfaction problems over finite integers: state them, sample them, count them.

Knows nothing of tensor programs. See `Problem` for what can be asked, `heron_ms.csp.constraints`
for the six kinds of the paper. `heron_ms.csp.compile` turns a problem into tables (`Compiled`),
`draw` draws and counts solutions, `near` projects vectors onto them, `optimum` finds the best one,
`written` reads and prints problems. All that other packages use is named here.
"""

from heron_ms.csp.compile.compiled import Compiled
from heron_ms.csp.compile.factorize import divisors, ordered_factorizations, raised
from heron_ms.csp.constraints import Constraint, Eq, In, Le, Prod, Select, Sum
from heron_ms.csp.given import whole
from heron_ms.csp.near.beam import on_scale
from heron_ms.csp.near.decisions import Decisions
from heron_ms.csp.near.nearest import nearest_each
from heron_ms.csp.optimum import Objective, Optimum, minimise
from heron_ms.csp.problem import Assignment, Problem
from heron_ms.csp.variable import LARGEST, TUNABLE, Operand, UnsatisfiableError, Variable
from heron_ms.csp.written.problem_json import SerialProblemError, from_json, to_json
from heron_ms.csp.written.solution_rows import columns_of, completed

__all__ = [
    "LARGEST",
    "TUNABLE",
    "Assignment",
    "Compiled",
    "Constraint",
    "Decisions",
    "Eq",
    "In",
    "Le",
    "Objective",
    "Operand",
    "Optimum",
    "Problem",
    "Prod",
    "Select",
    "SerialProblemError",
    "Sum",
    "UnsatisfiableError",
    "Variable",
    "columns_of",
    "completed",
    "divisors",
    "from_json",
    "minimise",
    "nearest_each",
    "on_scale",
    "ordered_factorizations",
    "raised",
    "to_json",
    "whole",
]
