"""One walk over a graph, after which TVM's importer can take it.

In the order of execution, each node is computed, if it is constant; or replaced by nodes that say
the same with operators that the importer has; or kept. What replaces it is walked over in turn.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from heron_ms.models.onnx.branches import opened
from heron_ms.models.onnx.facts import Facts
from heron_ms.models.onnx.fold import folded
from heron_ms.models.onnx.infer import infer
from heron_ms.models.onnx.nodes import graphs, made
from heron_ms.models.onnx.package import onnx
from heron_ms.models.onnx.rewrites import replaced
from heron_ms.models.onnx.writer import CannotBeHad


def walk(model: Any, importable: Callable[[Any], bool]) -> tuple[list[Any], Facts]:
    """Rewrites a model whose inputs have fixed shapes.

    Returns the nodes that nothing takes, and what is known of the values of the others.

    ``importable`` says which nodes the importer takes.
    """
    graph, facts = model.graph, _facts(model)
    kept = _walked(graph.node, facts, importable)
    _write(graph, kept, facts)
    return _refused(
        graph.node, lambda node: importable(node) and made(node) not in facts.reasons
    ), facts


def _walked(nodes: Any, facts: Facts, importable: Callable[[Any], bool]) -> list[Any]:
    """What becomes of nodes."""
    kept, waiting = [], deque(nodes)
    while waiting:
        node = waiting.popleft()
        infer(node, facts)
        values = folded(node, facts)
        if values is not None:
            _set(node, values, facts)
            continue
        others = _replaced(node, facts, importable(node))
        if others is not None:
            waiting.extendleft(reversed(others))
            continue
        if node.op_type == "If":
            _walk_branches(node, facts, importable)
        kept.append(node)
    return kept


def _replaced(node: Any, facts: Facts, importable: bool) -> list[Any] | None:
    try:
        return replaced(node, facts, importable)
    except CannotBeHad as error:
        facts.reasons[made(node)] = str(error)
        return None


def _walk_branches(node: Any, facts: Facts, importable: Callable[[Any], bool]) -> None:
    """Each branch by itself; constants of it become constants of the whole graph."""
    for attribute in node.attribute:
        branch = opened(attribute, node, facts)
        kept = _walked(branch.node, facts, importable)
        del branch.node[:]
        branch.node.extend(kept)
        attribute.g.CopyFrom(branch)
        for outer, inner in zip(node.output, branch.output, strict=False):
            if inner.name in facts.types:
                facts.types[outer] = facts.types[inner.name]


def _refused(nodes: Any, importable: Callable[[Any], bool]) -> list[Any]:
    inner = [
        other
        for node in nodes
        for graph in graphs(node)
        for other in _refused(graph.node, importable)
    ]
    return [node for node in nodes if not importable(node)] + inner


def _facts(model: Any) -> Facts:
    versions = {entry.domain: entry.version for entry in model.opset_import}
    versions[""] = versions.get("", versions.get("ai.onnx", 1))
    facts = Facts(versions)
    for value in model.graph.input:
        facts.types[value.name] = value.type
    array = onnx("onnx.numpy_helper").to_array
    for tensor in model.graph.initializer:
        facts.set_constant(tensor.name, array(tensor))
    return facts


def _set(node: Any, values: list[Any], facts: Facts) -> None:
    for name, value in zip(node.output, values, strict=False):
        if name:
            facts.set_constant(name, value)


def _write(graph: Any, kept: list[Any], facts: Facts) -> None:
    """The nodes that lead to an output, and the constants that they take."""
    wanted = {value.name for value in graph.output}
    used = []
    for node in reversed(kept):
        if wanted.intersection(node.output):
            used.append(node)
            wanted.update(_reads(node))
    outputs = {value.name for value in graph.output}
    tensor = onnx("onnx.numpy_helper").from_array
    stored = {old.name: old for old in graph.initializer}
    constants = [
        stored.get(name) or tensor(facts.constants[name], name)
        for name in sorted(wanted | outputs)
        if name in facts.constants
    ]
    del graph.node[:], graph.initializer[:], graph.value_info[:]
    graph.node.extend(reversed(used))
    graph.initializer.extend(constants)


def _reads(node: Any) -> set[str]:
    """The values that a node takes, those of the graphs inside of it included."""
    inner = {
        name
        for attribute in node.attribute
        if attribute.HasField("g")
        for other in attribute.g.node
        for name in _reads(other)
    }
    returned = {value.name for attribute in node.attribute for value in attribute.g.output}
    return {name for name in node.input if name} | inner | returned
