"""Quantised operators as dequantise, operator, quantise.

That is how they are defined: ``QLinearConv(x, w)`` is ``quantise(conv(dequantise(x),
dequantise(w)))``, so graphs in operator form and those with QuantizeLinear and DequantizeLinear
become the same, and the pass that keeps integers integers has one form to look for. A bias is
int32 of scale x_scale * w_scale.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from heron_ms.models.onnx.writer import Writer

Rewrite = Callable[[Writer], bool]


def _float(write: Writer, operand: Sequence[str], axis: int = 0) -> str:
    """A value, its scale and its zero point as float32; ``axis``: of a scale for each channel."""
    value, scale, zero = operand
    known = write.array(scale)
    if known is not None and known.size == 1 and known.ndim:
        # A list of one scale is one scale for all, which DequantizeLinear wants as a scalar.
        scale = write.constant(known.reshape(()))
        zeros = write.array(zero)
        zero = zero if zeros is None else write.constant(zeros.reshape(()))
    return write.add("DequantizeLinear", *_given(value, scale, zero), axis=axis)


def _result(write: Writer, value: str, quantised: Sequence[str]) -> bool:
    """The end of each rewrite: what was computed in float32, quantised."""
    parts = []
    for part in _given(*quantised):
        known = write.array(part)
        parts.append(part if known is None else write.constant(known.reshape(())))
    write.add("QuantizeLinear", value, *parts, out=write.node.output[0])
    return True


def _given(*names: str) -> tuple[str, ...]:
    return names if names[-1] else names[:-1]


def _bias(write: Writer, bias: str, x_scale: str, w_scale: str) -> str:
    """A bias of int32 as float32."""
    floats = write.add("Cast", bias, to=1)
    return write.add("Mul", floats, write.add("Mul", x_scale, w_scale))


def _convolution(write: Writer) -> bool:
    x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero = write.inputs(0, 8)
    operands = [_float(write, (x, x_scale, x_zero)), _float(write, (w, w_scale, w_zero))]
    if write.input(8):
        operands.append(_bias(write, write.input(8), x_scale, w_scale))
    y = write.add("Conv", *operands, **write.attributes())
    return _result(write, y, (y_scale, y_zero))


def _matmul(write: Writer) -> bool:
    a, b = write.inputs(0, 3), write.inputs(3, 6)
    ranks = [write.facts.rank(a[0]), write.facts.rank(b[0])]
    # Of a, a scale belongs to a row; of b, to a column.
    left = _float(write, a, axis=max((ranks[0] or 2) - 2, 0))
    right = _float(write, b, axis=max((ranks[1] or 2) - 1, 0))
    return _result(write, write.add("MatMul", left, right), write.inputs(6, 8))


def _gemm(write: Writer) -> bool:
    a, b = write.inputs(0, 3), write.inputs(3, 6)
    attributes = write.attributes()
    transposed = bool(attributes.get("transB", 0))
    operands = [_float(write, a), _float(write, b, axis=0 if transposed else 1)]
    if write.input(6):
        scaled = _bias(write, write.input(6), a[1], b[1])
        alpha = np.float32(attributes.get("alpha", 1.0))
        # Gemm multiplies A and B by alpha, and QGemm's bias has alpha in its scale as well.
        operands.append(scaled if alpha == 1 else write.add("Mul", scaled, write.constant(alpha)))
    if not write.input(7):
        write.add("Gemm", *operands, out=write.node.output[0], **attributes)
        return True
    return _result(write, write.add("Gemm", *operands, **attributes), write.inputs(7, 9))


def _elementwise(op: str) -> Rewrite:
    def rewrite(write: Writer) -> bool:
        a, b = _float(write, write.inputs(0, 3)), _float(write, write.inputs(3, 6))
        return _result(write, write.add(op, a, b), write.inputs(6, 8))

    return rewrite


def _unary(op: str) -> Rewrite:
    def rewrite(write: Writer) -> bool:
        x = _float(write, write.inputs(0, 3))
        y = write.add(op, x, **write.attributes("opset"))
        return _result(write, y, write.inputs(3, 5))

    return rewrite


def _pool(op: str) -> Rewrite:
    """A pooling, with channels last too, which ONNX's own operators have not got."""

    def rewrite(write: Writer) -> bool:
        x, rank = _float(write, write.inputs(0, 3)), write.facts.rank(write.input(0))
        attributes = write.attributes("channels_last")
        if not write.attributes().get("channels_last", 0):
            return _result(write, write.add(op, x, **attributes), write.inputs(3, 5))
        if rank is None:
            return False
        first, last = [0, rank - 1, *range(1, rank - 1)], [0, *range(2, rank), 1]
        pooled = write.add(op, write.add("Transpose", x, perm=first), **attributes)
        return _result(write, write.add("Transpose", pooled, perm=last), write.inputs(3, 5))

    return rewrite


def _concat(write: Writer) -> bool:
    starts = range(2, len(write.node.input), 3)
    parts = [_float(write, write.inputs(start, start + 3)) for start in starts]
    joined = write.add("Concat", *parts, **write.attributes())
    return _result(write, joined, write.inputs(0, 2))


QUANTIZED: dict[str, Rewrite] = {
    "QLinearConv": _convolution,
    "QLinearMatMul": _matmul,
    "QGemm": _gemm,
    "QLinearAdd": _elementwise("Add"),
    "QLinearMul": _elementwise("Mul"),
    "QLinearConcat": _concat,
    "QLinearAveragePool": _pool("AveragePool"),
    "QLinearGlobalAveragePool": _pool("GlobalAveragePool"),
    "QLinearLeakyRelu": _unary("LeakyRelu"),
    "QLinearSigmoid": _unary("Sigmoid"),
    "QLinearSoftmax": _unary("Softmax"),
}
"""By operator; of com.microsoft, but for QLinearConv and QLinearMatMul."""
