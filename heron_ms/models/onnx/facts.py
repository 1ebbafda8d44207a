"""What is known of the values of a graph before it runs: types, shapes and constants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from heron_ms.models.onnx.package import onnx


@dataclass
class Facts:
    """Of one graph: the versions of its operators, and by name its types and its constants.

    ``stated`` are the types that ONNX gives the results of the nodes as they were before rewrites,
    ``reasons`` why a node, by what it makes, cannot be had, ``settled`` the results of nodes that a
    rewrite of the same operator has written.
    """

    versions: dict[str, int]
    types: dict[str, Any] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)
    stated: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)

    def set_constant(self, name: str, value: Any) -> None:
        """A value that is the same at each run, an array."""
        helper = onnx("onnx.helper")
        self.constants[name] = value
        self.types[name] = helper.make_tensor_type_proto(
            helper.np_dtype_to_tensor_dtype(value.dtype), value.shape
        )

    def shape(self, name: str) -> tuple[int, ...] | None:
        """The shape of a tensor, where all of it is known."""
        sizes = sizes_of(self.types.get(name))
        if sizes is None or None in sizes:
            return None
        return tuple(size for size in sizes if size is not None)

    def rank(self, name: str) -> int | None:
        """How many dimensions a tensor has, where that is known."""
        sizes = sizes_of(self.types.get(name))
        return None if sizes is None else len(sizes)

    def dtype(self, name: str) -> Any:
        """The numpy dtype of a tensor, None where it is not known."""
        return dtype_of(self.types.get(name))

    def example(self, name: str) -> Any:
        """An array without memory of a tensor's shape and dtype, None where these are not known."""
        shape, dtype = self.shape(name), self.dtype(name)
        if shape is None or dtype is None or dtype == np.dtype(object):
            return None
        return np.broadcast_to(np.zeros((), dtype), shape)

    def nothing(self, name: str) -> Any:
        """The array of a tensor that has no elements, None for any other."""
        return self.example(name) if 0 in (self.shape(name) or ()) else None

    def is_possible(self, name: str, value: Any) -> bool:
        """Whether an array has the dtype and the shape that are known of a tensor."""
        kind = self.types.get(name)
        dtype, sizes = dtype_of(kind), sizes_of(kind)
        return (dtype is None or value.dtype == dtype) and (
            sizes is None or fits(value.shape, sizes)
        )

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


def sizes_of(kind: Any) -> tuple[int | None, ...] | None:
    """The sizes of a type, each None where it is open; None where not even the rank is known."""
    if kind is None or not kind.tensor_type.HasField("shape"):
        return None
    return tuple(
        int(dim.dim_value) if dim.HasField("dim_value") else None
        for dim in kind.tensor_type.shape.dim
    )


def dtype_of(kind: Any) -> Any:
    """The numpy dtype of a type, None where it is not known."""
    number = 0 if kind is None else kind.tensor_type.elem_type
    return onnx("onnx.helper").tensor_dtype_to_np_dtype(number) if number else None


def fits(one: Sequence[int | None], other: Sequence[int | None]) -> bool:
    """Whether two shapes can be the same; what either leaves open agrees."""
    return len(one) == len(other) and all(
        None in pair or pair[0] == pair[1] for pair in zip(one, other, strict=True)
    )
