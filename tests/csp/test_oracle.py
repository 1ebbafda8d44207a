"""Satisfiable or not, against CP-SAT on random problems too large for brute force."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from heron_ms.csp import Constraint, Eq, In, Le, Operand, Problem, Prod, Select, Sum
from tests.csp.random_problems import generator, problems

cp_model = pytest.importorskip("ortools.sat.python.cp_model", reason="ortools is not installed")


def state(model: Any, variables: dict[str, Any], constraint: Constraint) -> None:
    """Add one constraint to a CP-SAT model."""

    def at(operand: Operand) -> Any:
        return operand if isinstance(operand, int) else variables[operand]

    match constraint:
        case Prod(target, factors):
            parts = [model.new_constant(1), *(model.new_constant(0) + at(f) for f in factors)]
            model.add_multiplication_equality(at(target), parts)
        case Sum(target, terms):
            model.add(model.new_constant(0) + sum(at(t) for t in terms) == at(target))
        case Eq(left, right):
            model.add(model.new_constant(0) + at(left) == at(right))
        case Le(left, right):
            model.add(model.new_constant(0) + at(left) <= at(right))
        case In(variable, values):
            domain = cp_model.Domain.from_values(sorted(values))
            model.add_linear_expression_in_domain(at(variable), domain)
        case Select(target, index, choices):
            model.add_element(at(index), [at(c) for c in choices], at(target))


def oracle(problem: Problem) -> bool:
    """Whether CP-SAT finds a solution."""
    model = cp_model.CpModel()
    variables = {
        v.name: model.new_int_var_from_domain(cp_model.Domain.from_values(list(v.domain)), v.name)
        for v in problem.variables
    }
    for constraint in problem.constraints:
        state(model, variables, constraint)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    assert status in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.INFEASIBLE)
    return bool(status != cp_model.INFEASIBLE)


@settings(max_examples=120, deadline=None)
@given(problems(variables=14, rules=16, low=-6, high=60, size=40))
def test_satisfiable_agrees_with_cp_sat(problem: Problem) -> None:
    assert problem.is_satisfiable() == oracle(problem)
    for assignment in problem.sample(20, generator()):
        assert not problem.check(assignment)
