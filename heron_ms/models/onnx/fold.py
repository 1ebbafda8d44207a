"""Values that are the same at each run, computed once: weights aside, mostly shapes.

Every shape of a model is known here, so all that a graph computes from shapes is constant too.
Weights that are stored as integers stay so: a dequantised constant is left to what comes later.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from heron_ms.models.onnx.facts import Facts
from heron_ms.models.onnx.package import onnx

_OF_SHAPE = {"Shape", "Size", "EyeLike"}
"""Operators that look at the shape of their operand and not at its elements."""

_KEPT = {"DequantizeLinear", "QuantizeLinear", "DynamicQuantizeLinear"}
_RANDOM = {"RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"}
_RANDOM |= {"Bernoulli", "Multinomial"}


def folded(node: Any, facts: Facts) -> list[Any] | None:
    """The results of a node as arrays, or None where they are not constant."""
    if node.op_type in _KEPT | _RANDOM or node.domain not in ("", "ai.onnx"):
        return None
    if any(attribute.HasField("g") for attribute in node.attribute):
        return None
    operands = _operands(node, facts)
    if any(value is None for value in operands.values()):
        return None
    return _evaluated(node, operands, facts)


def _operands(node: Any, facts: Facts) -> dict[str, Any]:
    look = facts.example if node.op_type in _OF_SHAPE else facts.nothing
    named = [name for name in node.input if name]
    return {
        name: facts.constants[name] if name in facts.constants else look(name) for name in named
    }


def _evaluated(node: Any, operands: dict[str, Any], facts: Facts) -> list[Any] | None:
    """By onnx's reference, in numpy; None for what it cannot compute or what is no tensor."""
    reference = onnx("onnx.reference").ReferenceEvaluator
    try:
        results = reference(node, opsets=facts.versions).run(None, operands)
    except Exception:  # an operator without a reference is the importer's to refuse
        return None
    arrays = [np.asarray(value) for value in results]
    numbers = all(array.dtype.kind not in "OSU" for array in arrays)
    # Where the reference returns another type than the operator has, it is not the one to ask.
    pairs = zip(node.output, arrays, strict=False)
    possible = all(facts.is_possible(name, array) for name, array in pairs)
    return arrays if numbers and possible else None
