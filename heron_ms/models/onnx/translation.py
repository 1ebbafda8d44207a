"""TVM's importer, asked node by node: with the operators that it lacks, and checked.

What it makes of a node must have the type that ONNX states for it. A few of its converters make
something else in silence, of which only the shape tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tvm.relax.frontend.onnx.onnx_frontend import ONNXGraphImporter

from heron_ms._tvm import constant, relax
from heron_ms.errors import last_line
from heron_ms.models.onnx.converters import CONVERTERS
from heron_ms.models.onnx.facts import Facts, dtype_of, fits, sizes_of

_Type = tuple[Any, Sequence[int | None] | None]
"""A dtype and sizes, of which each may be open."""


class NodeError(Exception):
    """A node that TVM's importer fails on; the message names it."""


class Translation(ONNXGraphImporter):  # type: ignore[misc]
    """The translation of one graph, whose nodes have names. Raises NodeError."""

    def __init__(self, shapes: dict[str, list[int]]) -> None:
        super().__init__(shapes, "float32")

    def check(self, graph: Any, facts: Facts) -> None:
        """Compares what the nodes of the graph became with what ONNX states of them."""
        for node in graph.node:
            for name in filter(None, node.output):
                stated, kind = facts.stated.get(name), getattr(self._nodes[name], "ty", None)
                if stated is None or not isinstance(kind, relax.TensorType):
                    continue
                ours, theirs = _of_tvm(kind), (dtype_of(stated), sizes_of(stated))
                if not _agree(ours, theirs):
                    raise NodeError(
                        f"{_called(node.op_type, node.name)}: it makes {name} "
                        f"{_written(*ours)}, where ONNX has {_written(*theirs)}"
                    )

    def _check_for_unsupported_ops(self, graph: Any) -> None:
        """These were refused before, all of them at once."""

    def _convert_operator(self, op_name: str, inputs: Any, attrs: Any, opset: int) -> Any:
        try:
            ours = CONVERTERS[op_name](self.bb, inputs, attrs) if op_name in CONVERTERS else None
            if ours is not None:
                return self.bb.normalize(ours)
            return super()._convert_operator(op_name, inputs, attrs, opset)
        except Exception as error:  # of the importer's many types
            called = _called(op_name, attrs["tvm_custom"]["name"])
            raise NodeError(f"{called}: {last_line(error)}") from error


def _called(operator: str, name: str) -> str:
    return f"{operator} ({name})"


def _of_tvm(kind: Any) -> _Type:
    sizes = None if kind.shape is None else tuple(constant(size) for size in kind.shape)
    return str(kind.dtype), sizes


def _agree(ours: _Type, theirs: _Type) -> bool:
    dtypes = None in (ours[0], theirs[0]) or str(ours[0]) == str(theirs[0])
    return dtypes and (ours[1] is None or theirs[1] is None or fits(ours[1], theirs[1]))


def _written(dtype: Any, sizes: Sequence[int | None] | None) -> str:
    if sizes is None:
        return f"{dtype} of open rank"
    shape = "x".join("?" if size is None else str(size) for size in sizes)
    return f"{dtype} {shape or 'scalar'}"
