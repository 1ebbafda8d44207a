"""Choose which constraint computes which variable, without cycles."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from heron_ms.csp.constraints import Constraint


@dataclass(frozen=True)
class Definition:
    """`target` is computed by `constraint` from `inputs`."""

    target: str
    constraint: Constraint
    inputs: tuple[str, ...]


def define(
    chosen: dict[str, Definition],
    constraints: Sequence[Constraint],
    free: Collection[str],
    targets: Callable[[Constraint], Iterable[str]],
) -> None:
    """Add definitions of `free` variables to `chosen`, greedily in the order of constraints.

    `targets` says which variables a constraint may define. A constraint defines at most one.
    """
    used = {id(d.constraint) for d in chosen.values()}
    for constraint in constraints:
        for target in targets(constraint):
            if id(constraint) in used or target in chosen or target not in free:
                continue
            inputs = constraint.inputs(target)
            if target not in _upstream(inputs, chosen):
                chosen[target] = Definition(target, constraint, inputs)
                used.add(id(constraint))


def ordered(chosen: Mapping[str, Definition]) -> tuple[Definition, ...]:
    """Topological order: a definition after those of its inputs."""
    order: dict[str, Definition] = {}
    for root in chosen:
        todo = [root]
        while todo:
            missing = [i for i in chosen[todo[-1]].inputs if i in chosen and i not in order]
            if missing:
                todo.extend(missing)
            else:
                name = todo.pop()
                order[name] = chosen[name]
    return tuple(order.values())


def _upstream(names: Iterable[str], chosen: Mapping[str, Definition]) -> set[str]:
    """Every variable that `names` are computed from, themselves included."""
    seen: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo.extend(chosen[name].inputs if name in chosen else ())
    return seen
