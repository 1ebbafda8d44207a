"""One door for every model: a file, a program of torch.export, or a Relax module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from heron_ms._tvm import IRModule
from heron_ms.errors import ModelFileError
from heron_ms.models.model import Model
from heron_ms.models.narrowed import allowing
from heron_ms.models.onnx import from_onnx, from_onnx_file
from heron_ms.models.relax import from_relax
from heron_ms.models.torch import from_torch, from_torch_file

if TYPE_CHECKING:
    from onnx import ModelProto
    from torch.export import ExportedProgram

_FILES = {".onnx": from_onnx_file, ".pt2": from_torch_file}


def load(
    source: str | Path | ModelProto | ExportedProgram | IRModule,
    shapes: Mapping[str, Sequence[int]] | None = None,
    allow: Sequence[str] = (),
) -> Model:
    """A model with its weights as constants and every shape known.

    ``source``: the path of an ONNX file (.onnx) or of one that `torch.export.save` wrote (.pt2), an
    ONNX model or an exported program in memory, or a Relax module with a function "main".
    ``shapes`` fixes inputs of dynamic shape, by name. ``allow``: "bf16", for products of float32 to
    be made by bfloat16, which is less exact (`models.narrowed`); none unless told.

    Raises MissingExtraError where the package that reads it is not installed, ModelFileError for a
    file that is missing, damaged or of another kind, ModelShapeError for shapes that do not fit the
    inputs, DynamicShapeError for inputs whose shape stays open, UnsupportedModelError, which names
    every node, for operators that cannot be had, and UsageError for what cannot be allowed.
    """
    model = _loaded(source, shapes)
    return replace(model, mod=allowing(model.mod, allow))


def _loaded(
    source: str | Path | ModelProto | ExportedProgram | IRModule,
    shapes: Mapping[str, Sequence[int]] | None,
) -> Model:
    if isinstance(source, (str, Path)):
        return _from_file(Path(source), shapes)
    if isinstance(source, IRModule):
        return from_relax(source, shapes)
    if type(source).__module__.startswith("torch."):
        return from_torch(source, shapes)
    return from_onnx(source, shapes)


def _from_file(path: Path, shapes: Mapping[str, Sequence[int]] | None) -> Model:
    if not path.is_file():
        what = "is no file" if path.exists() else "does not exist"
        raise ModelFileError(f"the model {path} {what}")
    if path.suffix not in _FILES:
        raise ModelFileError(f"the model {path} must end in {' or '.join(_FILES)}")
    return _FILES[path.suffix](path, shapes)
