"""TVM's importer, with the operators that it lacks, and what it does not take."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any
from unittest.mock import patch

from heron_ms._tvm import IRModule
from heron_ms.errors import UnsupportedModelError, last_line
from heron_ms.letting_go import let_go
from heron_ms.models.onnx.package import onnx

_FRONTEND = "tvm.relax.frontend.onnx.onnx_frontend"
_DOMAINS = {"", "ai.onnx", "com.microsoft"}
_OTHERS = {("", "Attention")}
"""Operators that share their name with one that the importer takes, which is com.microsoft's."""

_HERE = 4
"""Nodes of an operator that a message names before it counts the rest."""


def importable(node: Any) -> bool:
    """Whether the importer takes the operator of a node."""
    known = {*_converters(), "If", "Constant"}
    other = (node.domain, node.op_type) in _OTHERS
    return node.domain in _DOMAINS and node.op_type in known and not other


def imported(model: Any, source: str) -> IRModule:
    """The module of a model. Raises UnsupportedModelError for what the importer fails on."""
    onnx()
    from tvm.relax.frontend.onnx import from_onnx

    # It prints what it fails on, and warns of every name that it changes.
    said = io.StringIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(said), _extended():
        warnings.simplefilter("ignore")
        try:
            # It takes a size of 0 in the graph for an open one.
            shapes = {value.name: _sizes(value) for value in model.graph.input}
            return from_onnx(model, shapes, keep_params_in_input=False)
        except Exception as error:  # of the importer's many types
            let_go(error)
            raise UnsupportedModelError(
                f"{source}: TVM's importer fails{_where(said.getvalue())}: {last_line(error)}"
            ) from error


def unsupported(source: str, nodes: list[Any]) -> str:
    """What a message says of nodes that nothing takes."""
    by_operator: dict[str, list[str]] = defaultdict(list)
    for node in nodes:
        domain = f" of {node.domain}" if node.domain else ""
        by_operator[node.op_type + domain].append(
            node.name or f"the one that makes {node.output[0]}"
        )
    return f"{source} has operators that cannot be had: " + ", ".join(
        f"{operator} ({len(names)}: {', '.join(names[:_HERE])}{', ...' * (len(names) > _HERE)})"
        for operator, names in by_operator.items()
    )


@cache
def _converters() -> dict[str, Any]:
    from heron_ms.models.onnx.integers import CONVERTERS

    return {**onnx(_FRONTEND)._get_convert_map(), **CONVERTERS}


@contextlib.contextmanager
def _extended() -> Iterator[None]:
    """While it lasts, the importer has our converters too."""
    converters = _converters()
    with patch(f"{_FRONTEND}._get_convert_map", lambda: converters):
        yield


def _sizes(value: Any) -> list[int]:
    return [int(dim.dim_value) for dim in value.type.tensor_type.shape.dim]


def _where(said: str) -> str:
    """The operator that the importer printed before it failed."""
    marker = "Error converting operator "
    return f" on {said.split(marker)[-1].split(',')[0]}" if marker in said else ""
