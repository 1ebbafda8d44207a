"""What FlexTensor's front end knows of a program (ASPLOS 2020, section on static analysis).

Statistical features are the numbers of spatial and reduce loops, their trip counts and their order;
structural ones the number of nodes, and the inputs, outputs and consumers of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from heron_ms.errors import FlexTensorError

_HEADER = (
    "node",
    "spatial",
    "reduce",
    "loops and trips, [reduce]",
    "inputs",
    "outputs",
    "consumers",
)


@dataclass(frozen=True)
class Loop:
    """A loop: ``trips`` is how often it runs, ``reduces`` whether it carries a reduction."""

    name: str
    trips: int
    reduces: bool = False

    def __str__(self) -> str:
        text = f"{self.name}={self.trips}"
        return f"[{text}]" if self.reduces else text


@dataclass(frozen=True)
class Node:
    """A block: its loops, outermost first, and the names of what it touches.

    ``inputs`` and ``outputs`` are the buffers that it reads and writes, each once, a sum that it
    starts itself not among the inputs; ``consumers`` are the later nodes that read an output.
    """

    name: str
    loops: tuple[Loop, ...]
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    consumers: tuple[str, ...] = ()

    @property
    def spatial(self) -> tuple[Loop, ...]:
        """The loops that carry no reduction, outermost first."""
        return tuple(loop for loop in self.loops if not loop.reduces)

    @property
    def reduce(self) -> tuple[Loop, ...]:
        """The loops that carry a reduction, outermost first."""
        return tuple(loop for loop in self.loops if loop.reduces)


@dataclass(frozen=True)
class Analysis:
    """The nodes of a program in post order: each after all that it reads from.

    Printed, it is a table with a line for each node.
    """

    nodes: tuple[Node, ...]

    def node(self, name: str) -> Node:
        """The node of a name; raises `FlexTensorError` with those there are."""
        for node in self.nodes:
            if node.name == name:
                return node
        names = ", ".join(node.name for node in self.nodes)
        raise FlexTensorError(f"no node {name!r}: choose from {names}")

    def __str__(self) -> str:
        rows = [_HEADER, *map(_row, self.nodes)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = (_line(row, widths) for row in rows)
        count = f"{len(self.nodes)} node{'s' * (len(self.nodes) != 1)}"
        return "\n".join((f"{count}, in post order", *lines))


def _row(node: Node) -> tuple[str, ...]:
    counts = (str(len(node.spatial)), str(len(node.reduce)))
    lists = (map(str, node.loops), node.inputs, node.outputs, node.consumers)
    return (node.name, *counts, *(" ".join(names) or "-" for names in lists))


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
