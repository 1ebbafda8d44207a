"""A problem as plain JSON values and back, so that it outlives the rules that stated it.

A variable is [name, domain, role, meaning], the meaning a list or null, a constraint [kind, its
fields in order]. A range is written as {"range": [start, stop, step]}; every other collection as a
list, a set's values sorted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, fields
from typing import Any

from heron_ms.csp.constraints import Constraint, Eq, In, Le, Prod, Select, Sum
from heron_ms.csp.meaning import Meaning
from heron_ms.csp.problem import Problem
from heron_ms.csp.variable import Variable
from heron_ms.errors import HeronError

KINDS: Mapping[str, Any] = {kind.__name__: kind for kind in (Eq, In, Le, Prod, Select, Sum)}
"""The six kinds by name. A new kind that is a dataclass of such fields needs only its entry."""


class SerialProblemError(HeronError, ValueError):
    """What was read is no problem as `to_json` writes it."""


def to_json(problem: Problem) -> dict[str, Any]:
    """The problem in lists, dictionaries, strings and integers, as `json.dumps` takes them."""
    return {
        "variables": [_variable(variable) for variable in problem.variables],
        "constraints": [_constraint(constraint) for constraint in problem.constraints],
    }


def from_json(data: Any) -> Problem:
    """The problem that `to_json` wrote, equal to the first in all fields.

    Raises `SerialProblemError` for anything else, naming what is wrong with it.
    """
    try:
        variables = [
            Variable(name, _read(domain), role, None if meaning is None else Meaning(*meaning))
            for name, domain, role, meaning in data["variables"]
        ]
        constraints = [KINDS[kind](*map(_read, values)) for kind, *values in data["constraints"]]
        return Problem(variables, constraints)
    except (KeyError, TypeError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise SerialProblemError(f"not a written problem ({reason}): write it anew") from error


def _variable(variable: Variable) -> list[Any]:
    meaning = None if variable.meaning is None else list(astuple(variable.meaning))
    return [variable.name, _written(variable.domain), variable.role, meaning]


def _constraint(constraint: Constraint) -> list[Any]:
    kind = type(constraint).__name__
    if kind not in KINDS:
        raise SerialProblemError(f"{constraint}: kind {kind} is none of {', '.join(KINDS)}")
    declared = fields(constraint)  # type: ignore[arg-type]
    return [kind, *(_written(getattr(constraint, field.name)) for field in declared)]


def _written(value: Any) -> Any:
    if isinstance(value, range):
        return {"range": [value.start, value.stop, value.step]}
    if isinstance(value, frozenset):
        return sorted(value)
    return list(value) if isinstance(value, tuple) else value


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        return range(*value["range"])
    return tuple(value) if isinstance(value, list) else value
