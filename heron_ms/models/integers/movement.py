"""Operators that only move elements, or choose among them: they act on the integers as they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from heron_ms._tvm import Call, relax
from heron_ms.models.integers.reader import Reader, operator_of
from heron_ms.models.integers.values import Value, is_known, is_single, shape_of
from heron_ms.models.integers.view import View


def read_movement(reader: Reader, call: Any) -> View | None:
    """The same movement of integers that all have one scale and one zero point.

    Maxima too: a scale is positive. Windows that reach over a border ignore it.
    """
    view = reader.read(call.args[0])
    if view is None or not view.uniform:
        return None
    operands = [reader.arithmetic.expr(view.data), *call.args[1:]]
    return view.of(reader.arithmetic.emit(Call(call.op, operands, call.attrs)))


def read_resize(reader: Reader, call: Any) -> View | None:
    """A resize that takes the nearest element and makes no new ones."""
    is_nearest = call.attrs.method == "nearest_neighbor" and call.attrs.out_dtype is None
    return read_movement(reader, call) if is_nearest else None


def read_pad(reader: Reader, call: Any) -> View | None:
    """A border of zeros, which are the zero point, or of elements that there are."""
    view, attrs = reader.read(call.args[0]), call.attrs
    if attrs.pad_mode != "constant":
        return read_movement(reader, call)
    if view is None or not (view.uniform and is_known(view.zero)) or float(attrs.pad_value):
        return None
    data, zero = reader.arithmetic.expr(view.data), int(view.zero.reshape(()))
    padded = relax.op.nn.pad(data, list(attrs.pad_width), "constant", zero)
    return view.of(reader.arithmetic.emit(padded))


def read_part(reader: Reader, part: Any) -> View | None:
    """One of the tensors that another one is split into, as a slice of its integers."""
    call = reader.definition(part.tuple_value)
    view = reader.read(call.args[0])
    if view is None or not view.uniform:
        return None
    axis = int(call.attrs.axis) % len(view.shape)
    sizes = [int(member.shape[axis]) for member in part.tuple_value.ty.fields]
    begin = sum(sizes[: part.index])
    data = reader.arithmetic.expr(view.data)
    end = begin + sizes[part.index]
    return view.of(reader.arithmetic.emit(relax.op.strided_slice(data, [axis], [begin], [end])))


def read_reshape(reader: Reader, call: Any) -> View | None:
    """A shape without movement, of known integers also where each has a scale of its own."""
    view, shape = reader.read(call.args[0]), shape_of(call)
    if view is None:
        return None

    def reshaped(value: Value) -> Value:
        return value if is_single(value) else reader.arithmetic.reshape(value, shape)

    if not all(is_single(v) or shape_of(v) == view.shape for v in (view.scale, view.zero)):
        return None
    data = reader.arithmetic.reshape(view.data, shape)
    return View(data, reshaped(view.scale), reshaped(view.zero), view.low, view.high)


def read_transpose(reader: Reader, call: Any) -> View | None:
    """Axes in another order, with those of scale and zero point."""
    view = reader.read(call.args[0])
    if view is None:
        return None
    if not is_known(view.data):
        return read_movement(reader, call)
    axes = call.attrs.axes
    order = None if axes is None else [int(axis) for axis in axes]

    def moved(value: Value) -> Value:
        return value if value.ndim == 0 else np.transpose(value, order)

    if not (is_known(view.scale) and is_known(view.zero)):
        return None
    data, scale, zero = map(moved, (view.data, view.scale, view.zero))
    return View(data, scale, zero, view.low, view.high)


def read_concat(reader: Reader, call: Any) -> View | None:
    """Tensors one behind the other that read alike."""
    views = [reader.read(part) for part in call.args[0].fields] if _is_tuple(call) else [None]
    first = views[0]
    if first is None or not first.uniform:
        return None
    if not all(view is not None and first.reads_as(view) for view in views):
        return None
    parts = [reader.arithmetic.expr(view.data) for view in views if view is not None]
    return first.of(concatenated(reader, call, parts))


def concatenated(reader: Reader, call: Any, parts: list[Any]) -> Any:
    """The variable of a concat of other tensors."""
    return reader.arithmetic.emit(Call(call.op, [relax.Tuple(parts)], call.attrs))


def _is_tuple(call: Any) -> bool:
    return operator_of(call) == "concat" and hasattr(call.args[0], "fields")
