"""Operators that ONNX defines by others: a node becomes the body of its function."""

from __future__ import annotations

from typing import Any

from heron_ms.models.onnx.branches import rename
from heron_ms.models.onnx.facts import Facts
from heron_ms.models.onnx.nodes import graphs, settle
from heron_ms.models.onnx.package import onnx


def expanded(node: Any, facts: Facts) -> list[Any] | None:
    """The nodes of an operator's body, or None for an operator that is defined by no others."""
    function = _function(node, facts)
    if function is None:
        return None
    names = _names(node, function)
    given = {
        attribute.name: attribute
        for attributes in (_defaults(node, facts), function.attribute_proto, node.attribute)
        for attribute in attributes
    }
    return [_instance(inner, node, names, given) for inner in function.node]


def _function(node: Any, facts: Facts) -> Any:
    schema = facts.schema(node)
    if schema is None:
        return None
    version = facts.versions.get(node.domain, 1)
    if schema.has_context_dependent_function:
        empty = onnx().TypeProto()
        types = [facts.types.get(name, empty).SerializeToString() for name in node.input]
        body = schema.get_context_dependent_function_with_opset_version(
            _version(schema.context_dependent_function_opset_versions, version),
            node.SerializeToString(),
            types,
        )
    elif schema.has_function:
        body = schema.get_function_with_opset_version(
            _version(schema.function_opset_versions, version)
        )
    else:
        return None
    function = onnx().FunctionProto()
    function.ParseFromString(body)
    return function


def _defaults(node: Any, facts: Facts) -> list[Any]:
    """What the operator's schema says of the attributes that a node leaves out."""
    values = [known.default_value for known in facts.schema(node).attributes.values()]
    return [value for value in values if value.name]


def _version(known: list[int], wanted: int) -> int:
    """The newest body that a model of this version can have."""
    return max((version for version in known if version <= wanted), default=min(known))


def _names(node: Any, function: Any) -> dict[str, str]:
    """The names of the body's values in the graph; "" for an operand that is left out."""
    prefix = next(name for name in node.output if name)
    inner = {name for part in function.node for name in part.output if name}
    names = {name: f"{prefix}/{node.op_type}/{name}" for name in inner} | {"": ""}
    names |= dict.fromkeys(function.input, "") | dict(zip(function.input, node.input, strict=False))
    outputs = zip(function.output, node.output, strict=False)
    return names | {inner: outer for inner, outer in outputs if outer}


def _instance(inner: Any, node: Any, names: dict[str, str], given: dict[str, Any]) -> Any:
    copy = onnx().NodeProto()
    copy.CopyFrom(inner)
    copy.name = f"{node.name or node.op_type}/{inner.op_type}"
    copy.input[:] = [names[name] for name in inner.input]
    copy.output[:] = [names[name] for name in inner.output]
    del copy.attribute[:]
    for attribute in inner.attribute:
        value = onnx().AttributeProto()
        value.CopyFrom(given.get(attribute.ref_attr_name, attribute))
        value.name = attribute.name
        # An attribute that the node leaves out and that has no default is left out in the body too.
        if attribute.ref_attr_name == "" or attribute.ref_attr_name in given:
            copy.attribute.append(value)
    for graph in graphs(copy):
        settle(graph)
        rename(graph, names)
    return copy
