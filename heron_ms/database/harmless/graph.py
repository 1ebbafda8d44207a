"""A graph of TVM's objects as JSON: its nodes, each of which names those before it by number.

Of a field that is a number nothing says whether it names a node; all but a few do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import numpy as np

from heron_ms.database.harmless.known import (
    CALL_PACKED,
    DTYPE,
    LOOSE_TYPES,
    OPERATORS,
    PACKED,
    PLAIN,
    TYPES,
    Harm,
    is_known_attribute,
)

NODES = 200_000
DEPTH = 500
"""Of a graph: what TVM walks with recursion. The deepest of a model's is below 100."""
LARGEST = 2**40
"""Bytes of a buffer."""
_NUMBERS = {"ndim": 64, "data_alignment": 4096, "offset_factor": 4096, "iter_type": 16, "kind": 16}
"""Fields that are numbers, and how large they may be."""
_ATTRIBUTES = ("annotations", "__dict__")
"""Fields that are maps of attributes by name."""

Node = dict[str, Any]


def check_graph(graph: Any) -> None:
    """Raise `Harm` for a graph that is not harmless."""
    if not isinstance(graph, dict) or not set(graph) <= {"root_index", "nodes", "metadata"}:
        raise Harm("no graph of objects")
    nodes = graph.get("nodes")
    if not isinstance(nodes, list) or not 0 < len(nodes) <= NODES:
        raise Harm(f"a graph without nodes, or of more than {NODES:,}")
    _check_reference(graph.get("root_index"), len(nodes))
    if not set(graph.get("metadata", {})) <= {"tvm_version"}:
        raise Harm("a graph with metadata of another kind than TVM's version")
    _Graph(nodes).check()


class _Graph:
    def __init__(self, nodes: list[Node]) -> None:
        self._nodes = nodes
        self._depths: list[int] = []

    def check(self) -> None:
        for at, node in enumerate(self._nodes):
            kind = node.get("type") if isinstance(node, dict) else None
            if not isinstance(kind, str) or not set(node) <= {"type", "data"}:
                raise Harm("a node without a type")
            if kind not in TYPES and kind not in LOOSE_TYPES:
                raise Harm(f"an object of the type {kind!r}, which no program has")
            self._check_data(at, kind, node.get("data"))
            _MEANINGS.get(kind, _nothing)(self, node.get("data"))

    def _check_data(self, at: int, kind: str, data: Any) -> None:
        if kind in LOOSE_TYPES and kind not in ("ffi.Array", "ffi.Map"):
            _check_value(kind, data)
        elif not isinstance(data, (dict, list, str)):
            raise Harm(f"a {kind} without fields")
        references = list(_references(data))
        for reference in references:
            _check_reference(reference, at)
        deepest = max((self._depths[reference] for reference in references), default=0)
        if deepest >= DEPTH:
            raise Harm(f"a program nested more than {DEPTH} deep")
        self._depths.append(deepest + 1)

    def text(self, at: Any) -> str:
        """The string that a field names."""
        node = self._nodes[at] if isinstance(at, int) else {}
        if node.get("type") != "ffi.String":
            raise Harm("a name that is no text")
        return str(node["data"])

    def data(self, at: Any, kind: str) -> Any:
        """The contents of a node that a field names; None for one of another kind."""
        node = self._nodes[at] if isinstance(at, int) else {}
        return node.get("data") if node.get("type") == kind else None

    def size(self, at: Any) -> int:
        """A constant that a field names; 1 for what is none."""
        value = (self.data(at, "ir.IntImm") or {}).get("value")
        number = self.data(value, "int") if isinstance(value, int) else None
        return 1 if number is None else abs(int(number))


def _nothing(graph: _Graph, data: Any) -> None:
    """Most nodes are harmless whatever they hold."""


def _check_call(graph: _Graph, data: Any) -> None:
    if graph.data(data.get("op"), "ir.Op") is None:
        if graph.data(data.get("op"), "ir.GlobalVar") is None:
            raise Harm("a call of what is no operator")
        return
    if graph.data(data["op"], "ir.Op") == CALL_PACKED:
        first = (graph.data(data.get("args"), "ffi.Array") or [None])[0]
        name = graph.text((graph.data(first, "ir.StringImm") or {}).get("value"))
        if name not in PACKED:
            raise Harm(f"a call of the function {name!r}")


def _check_operator(graph: _Graph, name: Any) -> None:
    if name not in OPERATORS:
        raise Harm(f"the operator {name!r}, which does more than compute")


def _check_attributes(graph: _Graph, data: Any) -> None:
    for field in (name for name in _ATTRIBUTES if name in data):
        for key in (graph.data(data[field], "ffi.Map") or [])[::2]:
            name = graph.text(key)
            if not is_known_attribute(name):
                raise Harm(f"the attribute {name!r}, which nobody knows to be harmless")


def _check_statement(graph: _Graph, data: Any) -> None:
    name = graph.text(data.get("attr_key"))
    if not is_known_attribute(name):
        raise Harm(f"the attribute {name!r}, which nobody knows to be harmless")


def _check_dtype(graph: _Graph, data: Any) -> None:
    if not DTYPE.fullmatch(str(data.get("dtype"))):
        raise Harm(f"the type {str(data.get('dtype'))[:40]!r}, which is none")


def _check_buffer(graph: _Graph, data: Any) -> None:
    if not PLAIN.fullmatch(graph.text(data.get("storage_scope"))):
        raise Harm("a scope that is no name")
    dtype = str((graph.data(data.get("dtype"), "ir.PrimType") or {}).get("dtype"))
    shape = [graph.size(extent) for extent in graph.data(data.get("shape"), "ffi.Array") or []]
    size = prod(shape) * bytes_of(dtype)
    if size > LARGEST:
        raise Harm(f"a buffer of {size:,} bytes")


_MEANINGS: dict[str, Callable[[_Graph, Any], None]] = {
    "ir.Call": _check_call,
    "ir.Op": _check_operator,
    "ir.DictAttrs": _check_attributes,
    "s_tir.SBlock": _check_attributes,
    "tirx.For": _check_attributes,
    "tirx.AllocBuffer": _check_attributes,
    "tirx.AttrStmt": _check_statement,
    "ir.PrimType": _check_dtype,
    "tirx.BufferType": _check_buffer,
}
"""What is looked at in a node of a type, beside its form."""


def bytes_of(dtype: str) -> int:
    """Of an element; 16 for what numpy does not know."""
    try:
        return int(np.dtype(dtype).itemsize)
    except TypeError:
        return 16


def _references(data: Any) -> Iterator[Any]:
    """The numbers of nodes in what a node holds."""
    if isinstance(data, list):
        yield from data
    elif isinstance(data, dict):
        for name, value in data.items():
            if name in _NUMBERS:
                _check_number(name, value)
            elif isinstance(value, int) and not isinstance(value, bool):
                yield value
            elif not isinstance(value, (bool, str, float)):
                raise Harm(f"a field {name!r} of another kind than a node has")


def _check_reference(value: Any, below: int) -> None:
    if type(value) is not int or not 0 <= value < below:
        raise Harm("a node that names one which is not before it")


def _check_number(name: str, value: Any) -> None:
    if type(value) is not int or not -1 <= value <= _NUMBERS[name]:
        raise Harm(f"a {name} of {str(value)[:40]}")


def _check_value(kind: str, data: Any) -> None:
    fits = {
        "None": data is None,
        "bool": isinstance(data, bool),
        "int": type(data) is int and -(2**63) <= data < 2**63,
        "float": type(data) in (int, float, str),
        "ffi.String": isinstance(data, str) and len(data) <= 4096,
    }
    if not fits[kind]:
        raise Harm(f"a value that is no {kind}, or too large for one")
