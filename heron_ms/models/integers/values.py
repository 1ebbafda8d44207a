"""Arithmetic on values of which some are known: numpy where it can, operators of Relax elsewhere.

What is known stays known, so that sums of weights and quotients of scales are done in the pass.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from heron_ms._tvm import GenericConst, constant, relax

Value = Any
"""An array of numpy, or an expression of Relax."""

_FUSABLE_BEHIND = 4
"""TVM's OpPatternKind of a function whose output elementwise functions are fused to."""

_NUMPY = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "round": np.rint,
}


def known(expr: Any) -> Any:
    """The array of a constant; None for any other expression."""
    return expr.value.numpy() if isinstance(expr, GenericConst) else None


def is_known(value: Value) -> bool:
    """Whether a value is known to the pass."""
    return isinstance(value, np.ndarray)


def is_zero(value: Value) -> bool:
    """Whether a value is known to be zero everywhere."""
    return is_known(value) and not value.any()


def is_single(value: Value) -> bool:
    """Whether a value is one number, whatever its rank."""
    return all(extent == 1 for extent in shape_of(value))


def is_static(value: Value) -> bool:
    """Whether all extents of a value are constant."""
    if is_known(value):
        return True
    shape = value.ty.shape
    return shape is not None and all(constant(extent) is not None for extent in shape)


def shape_of(value: Value) -> tuple[int, ...]:
    """The extents of a value, which must be constant; see `is_static`."""
    shape = value.shape if is_known(value) else value.ty.shape
    return tuple(int(extent) for extent in shape)


def dtype_of(value: Value) -> str:
    """The type of one element."""
    return str(value.dtype if is_known(value) else value.ty.dtype.dtype)


def same(one: Value, other: Value) -> bool:
    """Whether two values are surely equal."""
    if is_known(one) and is_known(other):
        return bool(one.size == other.size == 1 and one.reshape(()) == other.reshape(()))
    return not is_known(one) and not is_known(other) and bool(one.same_as(other))


class Arithmetic:
    """Operators of Relax under their names there, emitted with a `BlockBuilder`."""

    def __init__(self, builder: Any) -> None:
        self._builder = builder

    def emit(self, call: Any) -> Any:
        """The variable that an expression is bound to."""
        return self._builder.emit(call)

    def te(self, function: Any, *values: Value, name: str, reduces: bool = False) -> Any:
        """The variable of a function of TE, with a task's name.

        One that ``reduces`` is fused with what is elementwise behind it, which FuseOps by itself
        does for no sum over whole axes.
        """
        operands = [self.expr(value) for value in values]
        pattern = {"op_pattern": _FUSABLE_BEHIND} if reduces else {}
        return self._builder.emit_te(
            function, *operands, primfunc_name_hint=name, primfunc_attrs=pattern
        )

    def expr(self, value: Value) -> Any:
        """A value as an expression."""
        if not is_known(value):
            return value
        return relax.const(np.ascontiguousarray(value), str(value.dtype))

    def apply(self, name: str, *values: Value) -> Value:
        """An elementwise operator; operands of one dtype."""
        if all(map(is_known, values)):
            return np.asarray(_NUMPY[name](*values))
        return self.emit(getattr(relax.op, name)(*map(self.expr, values)))

    def astype(self, value: Value, dtype: str) -> Value:
        """A value in another type."""
        if dtype_of(value) == dtype:
            return value
        return value.astype(dtype) if is_known(value) else self.emit(relax.op.astype(value, dtype))

    def reshape(self, value: Value, shape: tuple[int, ...]) -> Value:
        """A value in another shape of as many elements."""
        if shape_of(value) == shape:
            return value
        return (
            value.reshape(shape) if is_known(value) else self.emit(relax.op.reshape(value, shape))
        )

    def scalar(self, value: Value) -> Value:
        """A single number without dimensions; any other value as it is."""
        return self.reshape(value, ()) if is_single(value) else value

    def along(self, value: Value, axis: int, rank: int) -> Value:
        """A vector laid along one axis of so many; a single number without dimensions."""
        if is_single(value):
            return self.scalar(value)
        (extent,) = [extent for extent in shape_of(value) if extent != 1]
        return self.reshape(value, tuple(extent if at == axis else 1 for at in range(rank)))

    def sum(self, value: Value, axes: tuple[int, ...]) -> Value:
        """The int32 sum over some axes, which remain with extent one."""
        wide = self.astype(value, "int32")
        if is_known(wide):
            return np.asarray(wide.sum(axes, dtype="int32", keepdims=True))
        return self.emit(relax.op.sum(wide, list(axes), keepdims=True))
