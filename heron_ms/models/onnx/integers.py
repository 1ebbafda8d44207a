"""Products of integers, for the importer: operands stay 8 bits wide and the sum is int32.

    sum (x - zx) (w - zw)  =  sum x w  -  zx sum w  -  zw sum x  +  k zx zw

so that the product itself is one of bytes, which instructions multiply, and the zero points, which
may be known only at run time, are taken off the sum.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from heron_ms._tvm import relax

op = relax.op


def matmul(builder: Any, inputs: Any, _attributes: Any) -> Any:
    """MatMulInteger: (..., m, k) times (..., k, n), less the zero points, as int32."""
    emit = builder.emit
    (a, b), (a_zero, b_zero) = (inputs[0], inputs[1]), (inputs[2], inputs[3])
    rows, (b, columns) = _wide(emit, a_zero, -1), _signed(emit, b, _wide(emit, b_zero, -2))
    if 1 in (int(a.ty.ndim), int(b.ty.ndim)):
        return op.matmul(_less(emit, a, rows), _less(emit, b, columns), out_dtype="int32")
    total = emit(op.matmul(a, b, out_dtype="int32"))
    if rows is not None:
        total = _less(emit, total, emit(op.multiply(rows, _sums(emit, b, -2))))
    if columns is not None:
        sums = _sums(emit, a, -1)
        if rows is not None:
            depth = relax.const(int(a.ty.shape[-1]), "int32")
            sums = _less(emit, sums, emit(op.multiply(rows, depth)))
        total = _less(emit, total, emit(op.multiply(columns, sums)))
    return total


def convolution(builder: Any, inputs: Any, attributes: Any) -> Any:
    """ConvInteger, channels first, less the zero points, as int32."""
    emit = builder.emit
    x, w = inputs[0], inputs[1]
    x_zero, w_zero = _wide(emit, inputs[2]), _wide(emit, inputs[3])
    w, w_zero = _signed(emit, w, w_zero)
    if _number(w_zero) == 0:
        w_zero = None
    if w_zero is not None:
        # Both widened: the sum of x under each window is as much work as the product.
        shape = (-1, *(1,) * (int(w.ty.ndim) - 1))
        zeros = emit(op.reshape(w_zero, shape)) if int(w_zero.ty.ndim) else w_zero
        return _conv(builder, _less(emit, x, x_zero), _less(emit, w, zeros), attributes)
    total = emit(_conv(builder, x, w, attributes))
    if x_zero is None or _number(x_zero) == 0:
        return total
    # A window over the padding has fewer weights to take off: a product with ones has them all.
    ones = relax.const(np.ones((1, *map(int, list(x.ty.shape)[1:])), "uint8"))
    taken = emit(_conv(builder, ones, w, attributes))
    return _less(emit, total, emit(op.multiply(x_zero, taken)))


def _conv(builder: Any, x: Any, w: Any, attributes: Any) -> Any:
    """A convolution of integers of any number of axes, channels first."""
    axes = int(x.ty.ndim) - 2
    names = {1: ("NCW", "OIW"), 2: ("NCHW", "OIHW"), 3: ("NCDHW", "OIDHW")}
    function = {1: op.nn.conv1d, 2: op.nn.conv2d, 3: op.nn.conv3d}[axes]
    strides, dilations = (
        attributes.get("strides", [1] * axes),
        attributes.get("dilations", [1] * axes),
    )
    return function(
        x,
        w,
        list(strides),
        _padding(x, w, attributes, list(strides), list(dilations)),
        list(dilations),
        int(attributes.get("group", 1)),
        *names[axes],
        out_dtype="int32",
    )


def _padding(
    x: Any, w: Any, attributes: Any, strides: list[int], dilations: list[int]
) -> list[int]:
    """Before each axis, then behind each."""
    mode = bytes(attributes.get("auto_pad", b"NOTSET")).decode()
    if mode not in ("SAME_UPPER", "SAME_LOWER"):
        return [int(size) for size in attributes.get("pads", [0] * 2 * len(strides))]
    before, behind = [], []
    for axis, (stride, dilation) in enumerate(zip(strides, dilations, strict=True), 2):
        size, reach = int(x.ty.shape[axis]), (int(w.ty.shape[axis]) - 1) * dilation + 1
        pad = max((-(-size // stride) - 1) * stride + reach - size, 0)
        less, more = pad // 2, pad - pad // 2
        before.append(less if mode == "SAME_UPPER" else more)
        behind.append(more if mode == "SAME_UPPER" else less)
    return before + behind


def _wide(emit: Any, zero: Any, axis: int | None = None) -> Any:
    """A zero point as int32; a list of them gets an axis of one, or keeps its own."""
    if zero is None:
        return None
    value = _array(zero)
    if value is not None and value.size == 1:
        # A list of one is one for all.
        return relax.const(value.astype("int32").reshape(()))
    listed = axis is not None and int(zero.ty.ndim) == 1
    if value is not None:
        value = value.astype("int32")
        return relax.const(np.expand_dims(value, axis or 0) if listed else value)
    wide = emit(op.astype(zero, "int32"))
    return emit(op.expand_dims(wide, axis)) if listed else wide


def _signed(emit: Any, w: Any, zero: Any) -> tuple[Any, Any]:
    """A constant weight of uint8 as int8, which is what instructions take; zeros move along."""
    value = _array(w)
    if value is None or value.dtype != np.uint8:
        return w, zero
    signed = relax.const((value.astype("int16") - 128).astype("int8"))
    zeros = 0 if zero is None else _array(zero)
    if zeros is None:
        return signed, emit(op.subtract(zero, relax.const(128, "int32")))
    return signed, relax.const(np.asarray(zeros - 128, "int32"))


def _less(emit: Any, value: Any, zero: Any) -> Any:
    """A value less a zero point, in int32."""
    if zero is None:
        return value
    wide = value if value.ty.dtype.dtype == "int32" else emit(op.astype(value, "int32"))
    return emit(op.subtract(wide, zero))


def _sums(emit: Any, value: Any, axis: int) -> Any:
    """The sum of bytes along an axis, which stays with size one."""
    return emit(op.sum(emit(op.astype(value, "int32")), axis=axis, keepdims=True))


def _array(value: Any) -> Any:
    return value.value.numpy() if hasattr(getattr(value, "value", None), "numpy") else None


def _number(value: Any) -> int | None:
    """The value of a constant that is the same everywhere."""
    array = None if value is None else _array(value)
    return int(array.flat[0]) if array is not None and (array == array.flat[0]).all() else None
