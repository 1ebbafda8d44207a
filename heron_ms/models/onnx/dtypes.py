"""Types of elements that nothing behind the importer takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from heron_ms.models.onnx.facts import Facts, dtype_of

_NUMBERS = {
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "bfloat16", "float32", "float64",
}  # fmt: skip


def is_tensor_of_numbers(kind: Any) -> bool:
    """Whether a type is a tensor, of elements that TVM computes with; an unknown type may be."""
    dtype = dtype_of(kind)
    return not kind.WhichOneof("value") or (
        kind.HasField("tensor_type") and (dtype is None or dtype.name in _NUMBERS)
    )


def values_of_other_types(nodes: Iterable[Any], facts: Facts) -> list[str]:
    """What a message says of the values that are none: each with its node and its type."""
    return [
        f"{name} of {_written(facts.types[name])} ({node.op_type} {node.name})"
        for node in nodes
        for name in node.output
        if name in facts.types and not is_tensor_of_numbers(facts.types[name])
    ]


def _written(kind: Any) -> str:
    if not kind.HasField("tensor_type"):
        return f"a {str(kind.WhichOneof('value')).removesuffix('_type')}"
    dtype = dtype_of(kind)
    return "strings" if dtype.kind in "OSU" else str(dtype)
