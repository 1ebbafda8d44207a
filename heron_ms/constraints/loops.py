"""Loops with symbolic extents, and the range that an axis covers inside a loop of the nest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from heron_ms._tvm import (
    For,
    LoopRV,
    SBlock,
    SBlockRealize,
    SBlockRV,
    Schedule,
    collect,
    outermost,
)
from heron_ms.constraints.model import Model
from heron_ms.csp import Operand


@dataclass(eq=False)
class Loop:
    """A loop: its extent (None where no rule can say), its parts, whether it is of a reduction."""

    name: str
    extent: Operand | None
    children: list[Loop] = field(default_factory=list)
    fused: tuple[Loop, ...] = ()
    reduces: bool = False


class Loops:
    """What is known of the loops of a schedule, by loop variable."""

    def __init__(self, sch: Schedule) -> None:
        self._sch = sch
        self._by_var: dict[Any, Loop] = {}

    def of(self, rv: LoopRV) -> Loop:
        """The loop behind a random variable."""
        return self.at(self._sch.get(rv))

    def at(self, node: For, block: str = "") -> Loop:
        """The loop at a TIR node; one never seen has the constant extent that it shows."""
        if node.loop_var not in self._by_var:
            prefix = f"{block}." if block else ""
            self.set(node, Loop(prefix + str(node.loop_var.name), int(node.extent)))
        return self._by_var[node.loop_var]

    def knows(self, node: For) -> bool:
        """Whether some rule has described the loop."""
        return node.loop_var in self._by_var

    def set(self, node: For, loop: Loop) -> None:
        """Describe the loop at a node."""
        self._by_var[node.loop_var] = loop

    def around(self, block: SBlockRV | SBlock) -> list[For]:
        """The loop nodes around a block, outermost first."""
        nodes: list[For] = []
        # By scheduling references: `Schedule.get_loops` would write into the trace being replayed.
        reference = self._sch.get_sref(block).parent
        while isinstance(reference.stmt, For):
            nodes.append(reference.stmt)
            reference = reference.parent
        return nodes[::-1]

    def around_loop(self, loop: For) -> list[For]:
        """The loop nodes around and inside a loop, down a perfect nest."""
        nodes = [loop]
        reference = self._sch.get_sref(loop).parent
        while isinstance(reference.stmt, For):
            nodes.insert(0, reference.stmt)
            reference = reference.parent
        while isinstance(nodes[-1].body, For):
            nodes.append(nodes[-1].body)
        return nodes

    def root(self, loop: For) -> Loop:
        """The outermost loop around a loop, or that one."""
        return self.at(self.around_loop(loop)[0])

    def nests(self) -> Iterator[For]:
        """The outermost loop nodes of the program, each of which is a kernel of a GPU."""
        for _, function in self._sch.mod.functions_items():
            for realize in outermost(function.body, SBlockRealize):
                yield from outermost(realize.block.body, For)

    def within(self, nest: For) -> frozenset[Loop]:
        """The loops of a nest that some rule has described, and those that they were fused from."""
        known = [self.at(node) for node in collect(nest, For) if self.knows(node)]
        return frozenset(part for loop in known for part in _parts(loop))

    def below(self, block: SBlockRV | SBlock, loop: For) -> list[For]:
        """The loop nodes around a block inside a loop."""
        nodes = self.around(block)
        position = next(p for p, node in enumerate(nodes) if node.loop_var.same_as(loop.loop_var))
        return nodes[position + 1 :]


def _parts(loop: Loop) -> Iterator[Loop]:
    yield loop
    for part in loop.fused:
        yield from _parts(part)


def leads_to(loop: Loop, others: frozenset[Loop]) -> bool:
    """Whether a loop is one of some others, or was split into some of them."""
    return loop in others or any(leads_to(child, others) for child in loop.children)


def span(model: Model, axis: Loop, inside: set[Loop]) -> Operand | None:
    """How many values an axis takes while only the loops ``inside`` run.

    An axis split into factors of which the inner ones run covers their product. None where that
    is not so simple: an outer factor runs and an inner one stands still.
    """
    if axis in inside:
        return axis.extent
    parts = [span(model, child, inside) for child in axis.children]
    whole = [child.extent for child in axis.children]
    if axis.children and parts == whole:
        return axis.extent
    first = next((p for p, part in enumerate(parts) if part != 1), len(parts))
    if None in parts[:1] + parts[first:] or parts[first + 1 :] != whole[first + 1 :]:
        return None
    return model.product(f"{axis.name}.{first}+", [p for p in parts if p is not None], "C4")
