"""Nodes that take the place of another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from heron_ms.models.onnx.facts import Facts
from heron_ms.models.onnx.package import onnx


class Writer:
    """Writes nodes in the place of ``node``; values in between are named after its result."""

    def __init__(self, node: Any, facts: Facts) -> None:
        self.node, self.facts = node, facts
        self.nodes: list[Any] = []
        self._count = 0

    def add(self, op: str, *inputs: str, out: str = "", **attributes: Any) -> str:
        """A node of one result, whose name is returned; "" is an operand that is left out."""
        out = out or self._fresh()
        name = f"{self.node.name or self.node.op_type}/{op}"
        self.nodes.append(onnx("onnx.helper").make_node(op, inputs, [out], name, **attributes))
        return out

    def copy(self, **attributes: Any) -> None:
        """The node itself, with other attributes."""
        make = onnx("onnx.helper").make_node
        node = self.node
        self.nodes.append(
            make(node.op_type, node.input, node.output, node.name, domain=node.domain, **attributes)
        )

    def reshape(self, value: str, shape: Sequence[int], out: str = "") -> str:
        """The same elements in another shape."""
        return self.add("Reshape", value, self.constant(np.asarray(shape, "int64")), out=out)

    def number(self, dtype: str) -> int:
        """ONNX's number of a dtype."""
        return int(onnx("onnx.helper").np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def constant(self, value: Any) -> str:
        """The name of a constant of this value."""
        name = self._fresh()
        self.facts.set_constant(name, np.asarray(value))
        return name

    def attributes(self, *without: str) -> dict[str, Any]:
        """The attributes of the node."""
        value = onnx("onnx.helper").get_attribute_value
        return {a.name: value(a) for a in self.node.attribute if a.name not in without}

    def input(self, place: int) -> str:
        """An operand of the node; "" where it is left out."""
        return str(self.node.input[place]) if place < len(self.node.input) else ""

    def array(self, name: str) -> Any:
        """The value of a constant, None for any other."""
        return self.facts.constants.get(name)

    def inputs(self, start: int, stop: int) -> Sequence[str]:
        """Some operands of the node."""
        return [self.input(place) for place in range(start, stop)]

    def _fresh(self) -> str:
        self._count += 1
        prefix = next(name for name in self.node.output if name)
        return f"{prefix}/{self.node.op_type}.{self._count}"
