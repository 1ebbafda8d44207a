"""If: the branch that is taken stands in its place where that is known, and both stay otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heron_ms.models.onnx.facts import Facts
from heron_ms.models.onnx.nodes import graphs
from heron_ms.models.onnx.package import onnx


def taken(node: Any, facts: Facts) -> list[Any] | None:
    """The nodes of the branch of an If that is always taken, None where that is open."""
    condition = facts.constants.get(node.input[0]) if node.op_type == "If" else None
    if condition is None:
        return None
    name = "then_branch" if condition.all() else "else_branch"
    attribute = next(attribute for attribute in node.attribute if attribute.name == name)
    branch = opened(attribute, node, facts)
    ends = zip(branch.output, node.output, strict=False)
    make = onnx("onnx.helper").make_node
    return [
        *branch.node,
        *(make("Identity", [inner.name], [outer]) for inner, outer in ends if outer),
    ]


def opened(attribute: Any, node: Any, facts: Facts) -> Any:
    """The graph of an attribute with names of its own, its constants in ``facts``.

    Two branches may call different values the same.
    """
    prefix = next(output for output in node.output if output)
    return instance(attribute.g, f"{prefix}/{attribute.name}", facts, {})


def instance(graph: Any, prefix: str, facts: Facts, given: Mapping[str, str]) -> Any:
    """A copy of a graph with names of its own, its inputs those that are ``given``."""
    copy = onnx().GraphProto()
    copy.CopyFrom(graph)
    names = {inner: f"{prefix}/{inner}" for inner in _made(copy)} | dict(given)
    array = onnx("onnx.numpy_helper").to_array
    for tensor in copy.initializer:
        facts.set_constant(names[tensor.name], array(tensor))
    del copy.initializer[:], copy.value_info[:]
    rename(copy, names)
    return copy


def _made(graph: Any) -> set[str]:
    made = {name for node in graph.node for name in node.output if name}
    return made | {tensor.name for tensor in graph.initializer}


def rename(graph: Any, names: Mapping[str, str]) -> None:
    """Gives the values of a graph other names, in the graphs inside of it too."""
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
        for inner in graphs(node):
            own = _made(inner) | {value.name for value in inner.input}
            rename(inner, {name: names[name] for name in names if name not in own})
    for value in graph.output:
        value.name = names.get(value.name, value.name)
