"""The way of an ONNX model: checked, its shapes fixed, then imported by TVM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from heron_ms._tvm import GenericConst, IRModule, collect
from heron_ms.errors import ModelFileError, UnsupportedModelError
from heron_ms.models.model import Model, model_of
from heron_ms.models.onnx.dtypes import values_of_other_types
from heron_ms.models.onnx.file import check, read
from heron_ms.models.onnx.importer import importable, imported, unsupported
from heron_ms.models.onnx.inputs import fix_inputs, refuse_other_outputs
from heron_ms.models.onnx.nodes import settle
from heron_ms.models.onnx.package import onnx
from heron_ms.models.onnx.walk import walk


def from_onnx_file(path: Path, shapes: Mapping[str, Sequence[int]] | None = None) -> Model:
    """A model from a file. Raises what `load` raises."""
    return _imported(read(path), path.name, shapes)


def from_onnx(model: Any, shapes: Mapping[str, Sequence[int]] | None = None) -> Model:
    """A model from a ModelProto, which stays as it is. Raises what `load` raises."""
    source = model.graph.name or "the ONNX model"
    copy = onnx().ModelProto()
    copy.CopyFrom(model)
    check(copy, source)
    return _imported(copy, source, shapes)


def _imported(model: Any, source: str, shapes: Mapping[str, Sequence[int]] | None) -> Model:
    if model.functions:
        model = onnx("onnx.inliner").inline_local_functions(model)
    graph = model.graph
    if not graph.output:
        raise ModelFileError(f"{source} has no outputs: name what it computes when you export it")
    settle(graph)
    refuse_other_outputs(graph, source)
    fix_inputs(graph, source, shapes)
    refused, facts = walk(model, importable)
    if refused:
        raise UnsupportedModelError(unsupported(source, refused, facts.reasons))
    strange = values_of_other_types(graph.node, facts)
    if strange:
        raise UnsupportedModelError(
            f"{source} has values of types that cannot be had: {', '.join(strange)}"
        )
    mod = imported(model, source, facts)
    if _has_empty_constants(mod):
        raise UnsupportedModelError(
            f"{source} computes with constants whose rows have no elements, which TVM cannot "
            "store: export it with shapes that have some"
        )
    return model_of(
        mod, source, [value.name for value in graph.input], [value.name for value in graph.output]
    )


def _has_empty_constants(mod: IRModule) -> bool:
    """Whether one is used, as an output that is nothing but one; of no rows it can be stored."""
    return any(0 in one.value.shape[1:] for one in collect(mod["main"], GenericConst))
