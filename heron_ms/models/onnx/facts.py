"""What is known of the values of a graph before it runs: types, shapes and constants."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from heron_ms.models.onnx.package import onnx


@dataclass
class Facts:
    """Of one graph: the versions of its operators, and by name its types and its constants."""

    versions: dict[str, int]
    types: dict[str, Any] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)

    def set_constant(self, name: str, value: Any) -> None:
        """A value that is the same at each run, an array."""
        helper = onnx("onnx.helper")
        self.constants[name] = value
        self.types[name] = helper.make_tensor_type_proto(
            helper.np_dtype_to_tensor_dtype(value.dtype), value.shape
        )

    def shape(self, name: str) -> tuple[int, ...] | None:
        """The shape of a tensor, where all of it is known."""
        kind = self.types.get(name)
        if kind is None or not kind.tensor_type.HasField("shape"):
            return None
        dims = kind.tensor_type.shape.dim
        if any(not dim.HasField("dim_value") for dim in dims):
            return None
        return tuple(int(dim.dim_value) for dim in dims)

    def rank(self, name: str) -> int | None:
        """How many dimensions a tensor has, where that is known."""
        kind = self.types.get(name)
        if kind is None or not kind.tensor_type.HasField("shape"):
            return None
        return len(kind.tensor_type.shape.dim)

    def dtype(self, name: str) -> Any:
        """The numpy dtype of a tensor, None where it is not known."""
        kind = self.types.get(name)
        number = 0 if kind is None else kind.tensor_type.elem_type
        return onnx("onnx.helper").tensor_dtype_to_np_dtype(number) if number else None

    def example(self, name: str) -> Any:
        """An array without memory of a tensor's shape and dtype, None where these are not known."""
        shape, dtype = self.shape(name), self.dtype(name)
        if shape is None or dtype is None or dtype == np.dtype(object):
            return None
        return np.broadcast_to(np.zeros((), dtype), shape)

    def schema(self, node: Any) -> Any:
        """The schema of an operator, None where onnx has none."""
        defs = onnx("onnx.defs")
        version = self.versions.get(node.domain, 1)
        if not defs.has(node.op_type, version, node.domain):
            return None
        return defs.get_schema(node.op_type, version, node.domain)

    def imports(self) -> list[Any]:
        """The versions as onnx has them."""
        make = onnx("onnx.helper").make_opsetid
        return [make(domain, version) for domain, version in self.versions.items()]
