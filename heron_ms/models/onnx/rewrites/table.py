"""What may stand in for a node: a rewrite of ours, a branch, or the body of its function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from heron_ms.models.onnx.branches import taken
from heron_ms.models.onnx.facts import Facts
from heron_ms.models.onnx.functions import expanded
from heron_ms.models.onnx.rewrites.arithmetic import ARITHMETIC
from heron_ms.models.onnx.rewrites.einsum import EINSUM
from heron_ms.models.onnx.rewrites.halves import IN_FLOAT32
from heron_ms.models.onnx.rewrites.layout import LAYOUT
from heron_ms.models.onnx.rewrites.loops import LOOPS
from heron_ms.models.onnx.rewrites.padding import PADDING
from heron_ms.models.onnx.rewrites.quantized import QUANTIZED
from heron_ms.models.onnx.rewrites.recurrent import RECURRENT
from heron_ms.models.onnx.rewrites.refused import REFUSED
from heron_ms.models.onnx.rewrites.resizing import RESIZING
from heron_ms.models.onnx.rewrites.selection import SELECTION
from heron_ms.models.onnx.rewrites.signal import SIGNAL
from heron_ms.models.onnx.rewrites.training import TRAINING
from heron_ms.models.onnx.writer import Writer

Rewrite = Callable[[Writer], bool]
"""Writes what replaces the writer's node. False where it does not apply."""

_TABLES: tuple[dict[str, Rewrite], ...] = (
    REFUSED, IN_FLOAT32, EINSUM, ARITHMETIC, LAYOUT, LOOPS, PADDING, QUANTIZED, RECURRENT, RESIZING,
    SELECTION, SIGNAL, TRAINING,
)  # fmt: skip
"""In the order in which they are asked."""


def replaced(node: Any, facts: Facts, importable: bool) -> list[Any] | None:
    """The nodes that replace one, or None for one that is kept."""
    if facts.settled.isdisjoint(node.output):
        for rewrites in _TABLES:
            writer = Writer(node, facts)
            if node.op_type in rewrites and rewrites[node.op_type](writer):
                return writer.nodes
    branch = taken(node, facts)
    if branch is not None or (importable and not _is_better_expanded(node, facts)):
        return branch
    return expanded(node, facts)


def _is_better_expanded(node: Any, facts: Facts) -> bool:
    """Whether the importer leaves out results of a norm, or TVM fails on one over all axes."""
    if node.op_type == "RMSNormalization":
        axis = next((a.i for a in node.attribute if a.name == "axis"), -1)
        return axis in (0, -(facts.rank(node.input[0]) or 0))
    return node.op_type == "LayerNormalization" and any(node.output[1:])
