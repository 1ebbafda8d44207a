"""A problem as a graph in columns: what is decided, what follows from it, and what limits it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from heron_ms.csp.compile.definitions import Definition, define, ordered
from heron_ms.csp.constraints import Constraint, Eq, In, Le, Prod, Select, Sum
from heron_ms.csp.problem import Problem
from heron_ms.csp.variable import TUNABLE

DECIDED, DERIVED, LAW = "decided", "derived", "law"

_SYMBOLS: Mapping[type[Constraint], str] = {Prod: "×", Sum: "+", Eq: "=", Select: "?"}


@dataclass(frozen=True)
class Node:
    """A variable, with the constraint that defines it, or a constraint that limits variables.

    kind: `DECIDED` (a variable that nothing defines), `DERIVED` or `LAW`. column: 0 for what is
    decided, else one more than the highest of ``inputs``, names of variables. symbol: of the
    constraint; "" where there is none. said: variable or constraint in full.
    """

    text: str
    kind: str
    column: int
    inputs: tuple[str, ...] = ()
    symbol: str = ""
    rule: str = ""
    said: str = ""
    is_tunable: bool = False


def nodes_of(problem: Problem) -> list[Node]:
    """The variables of a problem, each before those that follow from it, and then its laws."""
    definitions = _definitions(problem)
    columns: dict[str, int] = dict.fromkeys(problem.names, 0)
    for name, known in definitions.items():
        columns[name] = 1 + max((columns[each] for each in known.inputs), default=0)
    variables = {variable.name: variable for variable in problem.variables}
    order = [name for name in problem.names if name not in definitions] + list(definitions)
    found = []
    for name in order:
        variable, definition = variables[name], definitions.get(name)
        found.append(
            Node(
                name,
                DECIDED if definition is None else DERIVED,
                columns[name],
                () if definition is None else definition.inputs,
                "" if definition is None else _symbol(definition.constraint),
                "" if definition is None else definition.constraint.rule,
                str(variable) if definition is None else str(definition.constraint),
                variable.role == TUNABLE,
            )
        )
    return [*found, *_laws(problem, definitions, columns)]


def _definitions(problem: Problem) -> dict[str, Definition]:
    """How each variable follows from others, in an order in which they can be computed."""
    chosen: dict[str, Definition] = {}
    free = {variable.name for variable in problem.variables if variable.role != TUNABLE}
    define(chosen, problem.constraints, free, lambda constraint: constraint.targets())
    return {each.target: each for each in ordered(chosen)}


def _laws(
    problem: Problem, definitions: Mapping[str, Definition], columns: Mapping[str, int]
) -> Iterator[Node]:
    """What defines nothing and so limits what it mentions."""
    used = {id(definition.constraint) for definition in definitions.values()}
    for constraint in problem.constraints:
        if id(constraint) not in used:
            names = constraint.variables()
            column = 1 + max((columns[name] for name in names), default=0)
            text = _limit(constraint)
            yield Node(text, LAW, column, names, "", constraint.rule, str(constraint))


def _limit(constraint: Constraint) -> str:
    """What a law says of what it mentions, as short as can be."""
    if isinstance(constraint, Le):
        left, right = constraint.left, constraint.right
        if isinstance(left, str) and isinstance(right, str):
            return f"{left} ≤ {right}"
        return f"≤ {right}" if isinstance(left, str) else f"≥ {left}"
    if isinstance(constraint, (Prod, Sum)) and isinstance(constraint.target, int):
        return f"{_symbol(constraint)} = {constraint.target}"
    if isinstance(constraint, In):
        return "∈ " + str(constraint).partition(" in ")[2]
    return str(constraint)


def _symbol(constraint: Constraint) -> str:
    return _SYMBOLS.get(type(constraint), "")
