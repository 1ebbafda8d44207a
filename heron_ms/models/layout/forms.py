"""The two forms of a tensor, and how to come from one to the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from heron_ms._tvm import GenericConst, operator_of, relax
from heron_ms.models.layout.axes import composed, to_last, to_second
from heron_ms.models.relax_shapes import shape_of

_OF_CONSTANTS = ("astype", "dequantize", "permute_dims", "reshape")
"""Operators whose result is a constant of the model where their operands are."""


class Forms:
    """Forms of the tensors of one function, whose permutations are emitted once each."""

    def __init__(self, builder: Any) -> None:
        self._builder = builder
        self._moved: dict[Any, Any] = {}
        self._ours: set[Any] = set()

    def forget(self) -> None:
        """A block begins or ends: what was emitted may be out of sight."""
        self._moved.clear()

    def emit(self, value: Any) -> Any:
        """A variable that is bound to a value."""
        return self._builder.emit(value)

    def bound(self, expr: Any) -> Any:
        """What a variable is bound to, if all that this reads can be read here."""
        value = self._builder.lookup_binding(expr) if isinstance(expr, relax.Var) else None
        if value is None or not _in_sight(expr, value):
            return expr
        return self.bound(value)

    def shape(self, expr: Any) -> tuple[int, ...] | None:
        """The extents of a tensor, if it is one and they are known."""
        return shape_of(self._builder.normalize(expr))

    def held(self, expr: Any) -> Any | None:
        """The tensor of `second` that an expression stands for: a model's own transposes do not."""
        value = self.bound(expr)
        is_ours = operator_of(value) == "relax.permute_dims" and value.args[0] in self._ours
        is_form = is_ours and permutation(value) == to_second(len(value.attrs.axes))
        return value.args[0] if is_form else None

    def last(self, expr: Any, rank: int) -> Any:
        """An expression with channels last, as it broadcasts to a tensor of a rank."""
        held, shape = self.held(expr), self.shape(expr)
        if held is not None:
            return held
        if not shape:  # a number
            return expr
        if isinstance(expr, GenericConst):
            array = expr.value.numpy().reshape(self._padded(shape, rank))
            return self.permuted(relax.const(array), to_last(rank))
        if expr not in self._moved:
            moved = self.permuted(self._whole(expr, shape, rank), to_last(rank))
            self._moved[expr] = self.emit(moved)
        return self._moved[expr]

    def second(self, value: Any, rank: int) -> Any:
        """What stands for a value with channels last where somebody wants them second."""
        var = self.emit(value)
        self._ours.add(var)
        return relax.op.permute_dims(var, to_second(rank))

    def permuted(self, expr: Any, axes: list[int]) -> Any:
        """A tensor with its axes in another order; two permutations in turn are one, or none."""
        if isinstance(expr, GenericConst):
            return relax.const(np.ascontiguousarray(expr.value.numpy().transpose(axes)))
        value = self.bound(expr)
        before = permutation(value)
        if before is None:
            return relax.op.permute_dims(expr, axes)
        both = composed(before, axes)
        source = value.args[0]
        return source if both == sorted(both) else relax.op.permute_dims(source, both)

    def is_constant(self, expr: Any) -> bool:
        """Whether an expression is a constant, or will be one while compiling."""
        value = self.bound(expr)
        if isinstance(value, GenericConst):
            return True
        name = operator_of(value).removeprefix("relax.")
        return name in _OF_CONSTANTS and self.is_constant(value.args[0])

    def _whole(self, expr: Any, shape: tuple[int, ...], rank: int) -> Any:
        """A tensor with axes of extent 1 for those that it broadcasts along."""
        if len(shape) == rank:
            return expr
        return self.emit(relax.op.reshape(expr, self._padded(shape, rank)))

    @staticmethod
    def _padded(shape: tuple[int, ...], rank: int) -> tuple[int, ...]:
        return (1,) * (rank - len(shape)) + shape


def _in_sight(var: Any, value: Any) -> bool:
    """A variable of dataflow is seen in its block only, and others may be read behind it."""
    if isinstance(var, relax.DataflowVar):
        return True
    return not any(isinstance(v, relax.DataflowVar) for v in relax.analysis.free_vars(value))


def is_tensor(expr: Any) -> bool:
    """Whether an argument is a tensor, and no number or shape."""
    return hasattr(expr.ty, "ndim") and hasattr(expr.ty, "dtype")


def permutation(value: Any) -> list[int] | None:
    """The axes of a permutation, of one that names them."""
    if operator_of(value) != "relax.permute_dims" or value.attrs.axes is None:
        return None
    rank = len(value.attrs.axes)
    return [int(axis) % rank for axis in value.attrs.axes]
