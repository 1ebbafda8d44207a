"""`node_space`: FlexTensor's space of one node, as a problem whose only constraints are PROD.

It is the product of subspaces that know nothing of each other (ASPLOS 2020, section on the space):
a split for each loop, how far to unroll, and on a GPU how the spatial loops are fused and which
position reordering takes. Nothing says what fits into a machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from heron_ms.csp import TUNABLE, Problem, Prod, Variable, divisors
from heron_ms.flextensor.analysis import Loop, Node
from heron_ms.flextensor.template import GPU, UNROLL_EXPLICIT, UNROLL_STEPS, Template, fusions


def node_space(node: Node, template: Template = GPU) -> Problem:
    """The space of a node; all variables are tunable, and `Problem.count` is exact.

    `C.h.2` is the third factor, from the outside, of loop h of node C. `C.fuse` is an index into
    `fusions`, `C.reorder` a position, `C.unroll` a number of statements, `C.explicit` 0 or 1.
    """
    variables, constraints = list[Variable](), list[Prod]()
    for name, loop in _named(node):
        factors = _factors(name, loop, template.reduce if loop.reduces else template.spatial)
        variables += factors
        constraints.append(Prod(loop.trips, tuple(factor.name for factor in factors)))
    return Problem([*variables, *_choices(node, template)], constraints)


def _named(node: Node) -> Iterator[tuple[str, Loop]]:
    """The loops by unique names; TensorIR does not ask them to differ."""
    uses, seen = Counter(loop.name for loop in node.loops), Counter[str]()
    for loop in node.loops:
        suffix = f"#{seen[loop.name]}" if uses[loop.name] > 1 else ""
        seen[loop.name] += 1
        yield f"{node.name}.{loop.name}{suffix}", loop


def _factors(name: str, loop: Loop, parts: int) -> list[Variable]:
    domain = tuple(divisors(loop.trips))
    return [Variable(f"{name}.{part}", domain, TUNABLE) for part in range(parts)]


def _choices(node: Node, template: Template) -> Iterator[Variable]:
    if template.groups:
        ways = len(fusions(len(node.spatial), template.groups))
        yield Variable(f"{node.name}.fuse", range(ways), TUNABLE)
        yield Variable(f"{node.name}.reorder", range(template.groups), TUNABLE)
    yield Variable(f"{node.name}.unroll", UNROLL_STEPS, TUNABLE)
    yield Variable(f"{node.name}.explicit", UNROLL_EXPLICIT, TUNABLE)
