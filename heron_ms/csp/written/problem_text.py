"""Print a problem as a person would write it."""

from __future__ import annotations

from collections.abc import Sequence

from heron_ms.csp.constraints import Constraint
from heron_ms.csp.variable import Variable, format_values


def problem_text(variables: Sequence[Variable], constraints: Sequence[Constraint]) -> str:
    """Variables with their domains, grouped by role, then the constraints, one a line."""
    lines = [f"{len(variables)} variables, {len(constraints)} constraints"]
    for role in dict.fromkeys(v.role for v in variables):
        lines.append(f"{role}:")
        same: dict[str, list[str]] = {}
        for variable in variables:
            if variable.role == role:
                same.setdefault(format_values(variable.domain), []).append(variable.name)
        lines.extend(f"  {', '.join(names)} in {domain}" for domain, names in same.items())
    if constraints:
        lines.append("constraints:")
        lines.extend(f"  {with_rule(constraint)}" for constraint in constraints)
    return "\n".join(lines)


def with_rule(constraint: Constraint) -> str:
    """A constraint and, in brackets, the rule that emitted it."""
    return f"{constraint}  [{constraint.rule}]" if constraint.rule else str(constraint)
