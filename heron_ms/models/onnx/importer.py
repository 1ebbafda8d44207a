"""TVM's importer: what it takes, what a message says of what it does not, and its module."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Any

from heron_ms._tvm import IRModule
from heron_ms.errors import UnsupportedModelError, last_line
from heron_ms.letting_go import let_go
from heron_ms.models.onnx.facts import Facts
from heron_ms.models.onnx.nodes import made
from heron_ms.models.onnx.package import onnx

_FRONTEND = "tvm.relax.frontend.onnx.onnx_frontend"
_DOMAINS = {"", "com.microsoft"}
_OTHERS = {("", "Attention")}
"""Operators that share their name with one that the importer takes, which is com.microsoft's."""

_HERE = 4
"""Nodes of an operator that a message names before it counts the rest."""


def importable(node: Any) -> bool:
    """Whether the importer takes the operator of a node."""
    other = (node.domain, node.op_type) in _OTHERS
    return node.domain in _DOMAINS and node.op_type in _taken() and not other


def imported(model: Any, source: str, facts: Facts) -> IRModule:
    """The module of a model. Raises UnsupportedModelError for what the importer gets wrong."""
    onnx()
    # It prints what it fails on, and warns of every name that it changes.
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            return _translated(model.graph, facts)
        except Exception as error:  # of the importer's many types
            let_go(error)
            raise UnsupportedModelError(f"{source}: TVM's importer fails{_on(error)}") from error


def _translated(graph: Any, facts: Facts) -> IRModule:
    from heron_ms.models.onnx.translation import Translation

    # It takes a size of 0 in the graph for an open one.
    translation = Translation({value.name: _sizes(value) for value in graph.input})
    mod = translation.from_onnx(graph, facts.versions[""])
    translation.check(graph, facts)
    return mod


def _on(error: Exception) -> str:
    from heron_ms.models.onnx.translation import NodeError

    return f" on {error}" if isinstance(error, NodeError) else f": {last_line(error)}"


def unsupported(source: str, nodes: list[Any], reasons: Mapping[str, str]) -> str:
    """What a message says of nodes that nothing takes, and of the reasons that there are."""
    by_operator: dict[str, list[str]] = defaultdict(list)
    for node in nodes:
        domain = f" of {node.domain}" if node.domain else ""
        why = reasons.get(made(node))
        by_operator[node.op_type + domain].append(f"{node.name}: {why}" if why else node.name)
    return f"{source} has operators that cannot be had: " + ", ".join(
        f"{operator} ({len(names)}: {', '.join(names[:_HERE])}{', ...' * (len(names) > _HERE)})"
        for operator, names in by_operator.items()
    )


@cache
def _taken() -> set[str]:
    from heron_ms.models.onnx.converters import CONVERTERS

    return {*onnx(_FRONTEND)._get_convert_map(), *CONVERTERS, "If", "Constant"}


def _sizes(value: Any) -> list[int]:
    return [int(dim.dim_value) for dim in value.type.tensor_type.shape.dim]
