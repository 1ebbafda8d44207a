"""What may stand in for a node: a rewrite of ours, a branch, or the body of its function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from heron_ms.models.onnx.branches import taken
from heron_ms.models.onnx.facts import Facts
from heron_ms.models.onnx.functions import expanded
from heron_ms.models.onnx.rewrites.padding import PADDING
from heron_ms.models.onnx.rewrites.quantized import QUANTIZED
from heron_ms.models.onnx.rewrites.recurrent import lstm
from heron_ms.models.onnx.rewrites.selection import SELECTION
from heron_ms.models.onnx.writer import Writer

Rewrite = Callable[[Writer], bool]
"""Writes what replaces the writer's node. False where it does not apply."""

_REWRITES: dict[str, Rewrite] = {**QUANTIZED, **PADDING, **SELECTION, "LSTM": lstm}


def replaced(node: Any, facts: Facts, importable: bool) -> list[Any] | None:
    """The nodes that replace one, or None for one that is kept."""
    rewrite = _REWRITES.get(node.op_type)
    if rewrite is not None:
        writer = Writer(node, facts)
        if rewrite(writer):
            return writer.nodes
    branch = taken(node, facts)
    if branch is not None or importable:
        return branch
    return expanded(node, facts)
