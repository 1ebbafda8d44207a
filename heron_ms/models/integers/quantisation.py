"""Quantise and dequantise: where integers come from, and where sums become 8 bits again."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from heron_ms._tvm import Call, relax
from heron_ms.models.integers.reader import Reader, operator_of
from heron_ms.models.integers.tables import quantised, tabulated
from heron_ms.models.integers.values import Value, dtype_of, is_known, is_static, shape_of
from heron_ms.models.integers.view import View, fixed

_INTEGERS = ("int8", "uint8", "int32")


def read_dequantize(reader: Reader, call: Any) -> View | None:
    """``scale * (data - zero)``, along the axis of a vector of scales."""
    data = reader.value(call.args[0])
    if dtype_of(data) not in _INTEGERS or not all(map(is_static, (data, *call.args[1:3]))):
        return None
    return _read_parameters(reader, call, data)


def read_cast(reader: Reader, call: Any) -> View | None:
    """8-bit integers widened to int32, as a dynamically quantised model writes its products."""
    data = reader.value(call.args[0])
    small = dtype_of(data) in ("int8", "uint8") and is_static(data)
    return View(data) if small and str(call.attrs.dtype) == "int32" else None


def read_offset(reader: Reader, call: Any) -> View | None:
    """Widened integers less a zero point, which may be known only at run time."""
    view, zero = reader.read(call.args[0]), reader.read(call.args[1])
    if view is None or not view.is_small or str(call.args[0].ty.dtype.dtype) != "int32":
        return None
    offset = reader.value(call.args[1])
    if zero is not None and is_known(zero.data):
        offset = np.asarray(zero.data.astype("int32") - zero.zero)
    if len(shape_of(offset)) not in (0, len(view.shape)):
        return None
    offset = reader.arithmetic.scalar(offset)
    return View(view.data, view.scale, reader.arithmetic.apply("add", view.zero, offset))


def requantized(reader: Reader, call: Any) -> Any:
    """What a quantise becomes whose operand has a view; None if it stays as it is."""
    if not all(map(is_static, call.args)):
        return None
    target = _read_parameters(reader, call, call.args[0])
    source = reader.definition(call.args[0])
    if operator_of(source) == "concat" and target.uniform and reader.read(source) is None:
        return _in_parts(reader, call, source)
    dtype = str(call.attrs.out_dtype)
    if reader.read(call.args[0]) is None:
        return tabulated(reader, call, target, dtype)
    return _integer(reader, call.args[0], target, dtype)


def _in_parts(reader: Reader, call: Any, concat: Any) -> Any:
    """A quantise before a concat, so that what lies side by side has 8 bits already."""
    parts = reader.definition(concat.args[0])
    if not isinstance(parts, relax.Tuple):
        return None
    target, dtype = _read_parameters(reader, call, call.args[0]), str(call.attrs.out_dtype)
    integers = []
    for part in parts.fields:
        integer = _integer(reader, part, target, dtype)
        if integer is None:
            integer = Call(call.op, [part, *call.args[1:]], call.attrs)
        integers.append(reader.arithmetic.emit(integer))
    return Call(concat.op, [relax.Tuple(integers)], concat.attrs)


def _integer(reader: Reader, expr: Any, target: View, dtype: str) -> Any:
    view = reader.read(expr)
    if view is None:
        return None
    if view.is_small and _equal(view, target, dtype):
        return reader.arithmetic.expr(view.data)
    return (_rounded if view.is_sum else _moved)(reader, view, target, dtype)


def _moved(reader: Reader, view: View, target: View, dtype: str) -> Any:
    """Moved as 8 bits, then quantised as it was, so that ties are broken as they were."""
    if not view.is_small or not (fixed(target.scale) and fixed(target.zero)):
        return None
    number = reader.arithmetic.emit(real(reader, view, "float32"))
    return quantised(number, target, dtype)


def real(reader: Reader, view: View, dtype: str) -> Any:
    """The numbers that a view without bounds stands for, in int32 or float32."""
    arithmetic = reader.arithmetic
    number = _centred(reader, view)
    if dtype == "int32":
        return arithmetic.expr(number)
    return arithmetic.expr(
        arithmetic.apply("multiply", arithmetic.astype(number, "float32"), view.scale)
    )


def _read_parameters(reader: Reader, call: Any, data: Value) -> View:
    """A view of data by the scale and zero point of a quantise or dequantise."""
    arithmetic, rank = reader.arithmetic, len(shape_of(data))
    axis = int(call.attrs.axis) % max(rank, 1)
    scale, zero = (reader.value(expr) for expr in call.args[1:3])
    return View(
        data,
        arithmetic.along(arithmetic.astype(scale, "float32"), axis, rank),
        arithmetic.along(arithmetic.astype(zero, "int32"), axis, rank),
    )


def _equal(view: View, target: View, dtype: str) -> bool:
    return dtype_of(view.data) == dtype and view.reads_as(target.of(view.data))


def _centred(reader: Reader, view: View) -> Value:
    floats = dtype_of(view.data) == "float32"
    wide = view.data if floats else reader.arithmetic.astype(view.data, "int32")
    if is_known(view.zero) and not view.zero.any():
        return wide
    return reader.arithmetic.apply("subtract", wide, view.zero)


def _rounded(reader: Reader, view: View, target: View, dtype: str) -> Any:
    """``clip(round((data - zero) * (scale / target's scale)) + target's zero point)``.

    One factor, as ONNX Runtime's integer kernels have it, where dequantise and quantise would
    multiply and divide. Rounds half to even.
    """
    bounds = _bounds(view, target, dtype)
    if bounds is None:
        return None
    arithmetic = reader.arithmetic
    factor = arithmetic.apply("divide", view.scale, target.scale)
    number = arithmetic.astype(_centred(reader, view), "float32")
    steps = arithmetic.apply("round", arithmetic.apply("multiply", number, factor))
    if not (is_known(target.zero) and not target.zero.any()):
        steps = arithmetic.apply("add", steps, arithmetic.astype(target.zero, "float32"))
    clipped = arithmetic.emit(relax.op.clip(arithmetic.expr(steps), *bounds))
    return relax.op.astype(clipped, dtype)


def _bounds(view: View, target: View, dtype: str) -> tuple[float, float] | None:
    """The least and the greatest integer, those of the dtype or the view's own, quantised.

    Quantising is monotone, so clipping after it is clipping before it.
    """
    limits = np.iinfo(dtype)
    if not view.bounded:
        return float(limits.min), float(limits.max)
    if not (fixed(target.scale) and fixed(target.zero)):
        return None
    scale, zero = np.float32(target.scale.reshape(())), int(target.zero.reshape(()))

    def step(bound: float) -> float:
        if bound in (-inf, inf):
            return float(limits.min if bound < 0 else limits.max)
        return float(np.clip(np.rint(np.float32(bound) / scale) + zero, limits.min, limits.max))

    return step(view.low), step(view.high)
