"""A model that `torch.export` made, through TVM's importer of such programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from heron_ms.errors import ModelFileError, last_line
from heron_ms.models.extra import optional
from heron_ms.models.model import Model
from heron_ms.models.relax import from_relax


def from_torch_file(path: Path, shapes: Mapping[str, Sequence[int]] | None = None) -> Model:
    """A model from a file that `torch.export.save` wrote. Raises what `load` raises."""
    export = optional("torch.export", "a model in .pt2", "torch")
    try:
        program = export.load(str(path))
    except Exception as error:  # torch has no one type for a file that it cannot read
        raise ModelFileError(
            f"{path} is damaged or no file of torch.export: {last_line(error)}"
        ) from error
    return from_torch(program, shapes, path.name)


def from_torch(
    program: Any,
    shapes: Mapping[str, Sequence[int]] | None = None,
    source: str = "the exported program",
) -> Model:
    """A model of a torch.export.ExportedProgram; names are those of its signature."""
    importer = optional("tvm.relax.frontend.torch", "a model of PyTorch", "torch")
    mod = importer.from_exported_program(program, unwrap_unit_return_tuple=True)
    outputs = [str(name) for name in program.graph_signature.user_outputs]
    return from_relax(mod, shapes, source, outputs)
