"""The way of an ONNX model: checked, its shapes fixed, then imported by TVM."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from heron_ms.models.model import Model, model_of
from heron_ms.models.onnx.file import check, read
from heron_ms.models.onnx.inputs import fix_inputs
from heron_ms.models.onnx.package import onnx


def from_onnx_file(path: Path, shapes: Mapping[str, Sequence[int]] | None = None) -> Model:
    """A model from a file. Raises what `load` raises."""
    return _imported(read(path), path.name, shapes)


def from_onnx(model: Any, shapes: Mapping[str, Sequence[int]] | None = None) -> Model:
    """A model from a ModelProto, which stays as it is. Raises what `load` raises."""
    source = model.graph.name or "the ONNX model"
    check(model, source)
    copy = onnx().ModelProto()
    copy.CopyFrom(model)
    return _imported(copy, source, shapes)


def _imported(model: Any, source: str, shapes: Mapping[str, Sequence[int]] | None) -> Model:
    graph = model.graph
    fix_inputs(graph, source, shapes)
    mod = _quiet_import(model)
    return model_of(
        mod, source, [value.name for value in graph.input], [value.name for value in graph.output]
    )


def _quiet_import(model: Any) -> Any:
    from tvm.relax.frontend.onnx import from_onnx as import_model

    # The importer prints what it fails on, and warns of every name that it changes.
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        return import_model(model, keep_params_in_input=False)
