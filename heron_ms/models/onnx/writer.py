"""Nodes that take the place of another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from heron_ms.models.onnx.facts import Facts
from heron_ms.models.onnx.package import onnx

# The first versions of ONNX in which these are operands and no longer attributes.
_SLICE_TAKES_OPERANDS = 10
_AXES_ARE_OPERANDS = 13
_REDUCTIONS_TAKE_OPERANDS = 18


class CannotBeHad(Exception):
    """A node that the importer would take and get wrong; the message says what of it."""


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

    def copy(
        self,
        inputs: Sequence[str] | None = None,
        outputs: Sequence[str] | None = None,
        **attributes: Any,
    ) -> None:
        """The node itself, with other operands, results or attributes where these are given."""
        copy = onnx().NodeProto()
        copy.CopyFrom(self.node)
        if inputs is not None:
            copy.input[:] = inputs
        if outputs is not None:
            copy.output[:] = outputs
        if attributes:
            del copy.attribute[:]
            make = onnx("onnx.helper").make_attribute
            copy.attribute.extend(make(name, value) for name, value in attributes.items())
        self.nodes.append(copy)

    def reshape(self, value: str, shape: Sequence[int], out: str = "") -> str:
        """The same elements in another shape."""
        return self.add("Reshape", value, self.constant(np.asarray(shape, "int64")), out=out)

    def number(self, dtype: str) -> int:
        """ONNX's number of a dtype."""
        return int(onnx("onnx.helper").np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def cast(self, value: str, dtype: Any, out: str = "") -> str:
        """The elements of a value in another dtype."""
        return self.add("Cast", value, out=out, to=self.number(dtype))

    def transpose(self, value: str, *perm: int, out: str = "") -> str:
        """A value with its axes in another order."""
        return self.add("Transpose", value, out=out, perm=list(perm))

    def at(self, value: str, place: int, axis: int = 0) -> str:
        """One entry of an axis, which goes."""
        return self.add("Gather", value, self.constant(np.int64(place)), axis=axis)

    def slice(self, value: str, start: int, stop: int, axis: int) -> str:
        """Some entries of an axis, one after the other."""
        if self.version < _SLICE_TAKES_OPERANDS:
            return self.add("Slice", value, starts=[start], ends=[stop], axes=[axis])
        bounds = (self.constant(np.asarray([number])) for number in (start, stop, axis))
        return self.add("Slice", value, *bounds)

    def unsqueeze(self, value: str, axis: int, out: str = "") -> str:
        """A value with an axis of one more."""
        if self.version < _AXES_ARE_OPERANDS:
            return self.add("Unsqueeze", value, out=out, axes=[axis])
        return self.add("Unsqueeze", value, self.constant(np.asarray([axis])), out=out)

    def reduce(self, op: str, value: str, axes: Sequence[int], keepdims: int = 1) -> str:
        """A value reduced over axes."""
        first = _AXES_ARE_OPERANDS if op == "ReduceSum" else _REDUCTIONS_TAKE_OPERANDS
        if self.version < first:
            return self.add(op, value, axes=list(axes), keepdims=keepdims)
        return self.add(op, value, self.constant(np.asarray(axes)), keepdims=keepdims)

    @property
    def version(self) -> int:
        """Of ONNX's own operators in this model."""
        return self.facts.versions[""]

    @property
    def out(self) -> str:
        """The first result of the node."""
        return str(self.node.output[0])

    def outputs(self, place: int) -> str:
        """A result of the node; "" where nobody asks for it."""
        return str(self.node.output[place]) if place < len(self.node.output) else ""

    def shape(self, place: int = 0) -> tuple[int, ...] | None:
        """The shape of an operand, where it is known."""
        return self.facts.shape(self.input(place)) if self.input(place) else None

    def dtype(self, place: int = 0) -> Any:
        """The dtype of an operand, where it is known."""
        return self.facts.dtype(self.input(place)) if self.input(place) else None

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

    def known(self, place: int) -> Any:
        """The value of an operand that is a constant, None for any other."""
        return self.array(self.input(place))

    def inputs(self, start: int, stop: int) -> Sequence[str]:
        """Some operands of the node."""
        return [self.input(place) for place in range(start, stop)]

    def _fresh(self) -> str:
        self._count += 1
        prefix = next(name for name in self.node.output if name)
        return f"{prefix}/{self.node.op_type}.{self._count}"
