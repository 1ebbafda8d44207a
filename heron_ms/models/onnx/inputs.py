"""The inputs of an ONNX graph: those that a caller gives, each of one shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from heron_ms.errors import UnsupportedModelError
from heron_ms.models.onnx.dtypes import is_tensor_of_numbers
from heron_ms.models.shapes import Dimension, fixed


def refuse_other_outputs(graph: Any, source: str) -> None:
    """Raises UnsupportedModelError for outputs that are no tensors of numbers."""
    _only_tensors(graph.output, source, "outputs")


def fix_inputs(graph: Any, source: str, shapes: Mapping[str, Sequence[int]] | None) -> None:
    """Writes into a graph the shape of each input, and drops inputs that have a value.

    Old files list every weight among the inputs. Raises what `fixed` raises, and
    UnsupportedModelError for an input that is no tensor.
    """
    values = {tensor.name for tensor in graph.initializer}
    given = [value for value in graph.input if value.name not in values]
    _only_tensors(given, source, "inputs")
    del graph.input[:]
    graph.input.extend(given)
    sizes = fixed(source, {value.name: _declared(value) for value in given}, shapes)
    for value in graph.input:
        # A scalar has a shape without a size; without a shape its rank would be unknown.
        shape = value.type.tensor_type.shape
        del shape.dim[:]
        shape.SetInParent()
        for size in sizes[value.name]:
            shape.dim.add().dim_value = size


def _only_tensors(given: Sequence[Any], source: str, what: str) -> None:
    others = [value.name for value in given if not is_tensor_of_numbers(value.type)]
    if others:
        raise UnsupportedModelError(
            f"{source} has {what} that are no tensors of numbers: {', '.join(others)}"
        )


def _declared(value: Any) -> list[Dimension] | None:
    tensor = value.type.tensor_type
    if not tensor.HasField("shape"):
        return None
    return [_dimension(dim) for dim in tensor.shape.dim]


def _dimension(dim: Any) -> Dimension:
    # Some exporters write -1 for a size that is open.
    if dim.HasField("dim_value") and dim.dim_value >= 0:
        return int(dim.dim_value)
    return str(dim.dim_param) or "?"
