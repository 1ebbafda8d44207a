"""What every node has: a name that messages can call it by, and a domain of one spelling."""

from __future__ import annotations

from typing import Any


def settle(graph: Any) -> None:
    """Names the nameless nodes of a graph, and of those inside of it, after what they make."""
    for node in graph.node:
        node.domain = "" if node.domain == "ai.onnx" else node.domain
        node.name = node.name or f"the one that makes {made(node)}"
        for inner in graphs(node):
            settle(inner)


def made(node: Any) -> str:
    """The first result of a node that has a name, which is its alone."""
    return next((str(output) for output in node.output if output), "nothing")


def graphs(node: Any) -> list[Any]:
    """The graphs that a node has as attributes."""
    return [attribute.g for attribute in node.attribute if attribute.HasField("g")]
