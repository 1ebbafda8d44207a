"""The types of a node's results, from those of its operands."""

from __future__ import annotations

from typing import Any

from heron_ms.models.onnx.facts import Facts
from heron_ms.models.onnx.package import onnx

_LIKE_FIRST = {"Gelu", "FastGelu", "BiasGelu", "SkipLayerNormalization"}
"""Operators of com.microsoft whose first result has the type of the first operand."""

_UNTRUSTED = {"STFT"}
"""Operators whose inference contradicts their definition: both sides where the default is one."""

_SMALL = 4096
"""Elements of a constant up to which a shape may depend on it."""


def infer(node: Any, facts: Facts) -> None:
    """Enters what is known of a node's results into ``facts``."""
    schema = facts.schema(node)
    if node.op_type in _UNTRUSTED:
        return
    if schema is None:
        _like_first(node, facts)
        return
    types = _stated(schema, node, facts)
    facts.types.update(types)
    facts.stated = types | facts.stated


def _stated(schema: Any, node: Any, facts: Facts) -> dict[str, Any]:
    inference = onnx("onnx.shape_inference")
    try:
        types = inference.infer_node_outputs(
            schema,
            node,
            {name: facts.types[name] for name in node.input if name in facts.types},
            {name: _tensor(facts, name) for name in node.input if _is_small(facts, name)},
            opset_imports=facts.imports(),
        )
    except Exception:  # what cannot be said stays unknown; onnx has many types for that
        return {}
    return {name: kind for name, kind in types.items() if name}


def _like_first(node: Any, facts: Facts) -> None:
    """Of com.microsoft's operators ONNX knows nothing."""
    if node.op_type in _LIKE_FIRST and node.input[0] in facts.types:
        facts.types[node.output[0]] = facts.types[node.input[0]]


def _is_small(facts: Facts, name: str) -> bool:
    return name in facts.constants and facts.constants[name].size <= _SMALL


def _tensor(facts: Facts, name: str) -> Any:
    return onnx("onnx.numpy_helper").from_array(facts.constants[name], name)
