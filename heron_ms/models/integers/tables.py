"""Functions of one tensor of 8 bits that is quantised again: a table of 256 entries.

Before: ``quantize(sigmoid(dequantize(x)))``, an exponential for each element. After:
``table[x]``, with ``table = quantize(sigmoid(dequantize([0, 1, ..., 255])))``, and so for every
elementwise function. The folding of constants evaluates it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from heron_ms._tvm import Call, relax, te
from heron_ms.models.integers.reader import Reader, operator_of
from heron_ms.models.integers.values import dtype_of, is_known, is_single
from heron_ms.models.integers.view import View, fixed

ONE_OPERAND = frozenset(
    (
        *("abs", "negative", "exp", "log", "sqrt", "rsqrt", "square", "erf", "floor", "ceil"),
        *("sin", "cos", "tanh", "sigmoid", "round", "sign", "clip", "atan", "sinh", "cosh"),
        *("nn.gelu", "nn.gelu_tanh", "nn.silu", "nn.leakyrelu", "nn.relu", "nn.relu6"),
        *("nn.softplus", "nn.selu"),
    )
)
"""Elementwise operators of their first operand; others are attributes, such as bounds."""

TWO_OPERANDS = frozenset(
    ("add", "subtract", "multiply", "divide", "maximum", "minimum", "power"),
)


def tabulated(reader: Reader, call: Any, target: View, dtype: str) -> Any:
    """What a quantise becomes if its operand is a function of one tensor of 8 bits; else None.

    ``target``: its scale and zero point.
    """
    if not (fixed(target.scale) and fixed(target.zero)):
        return None
    function = _Function(reader)
    values = function.of(call.args[0])
    if values is None or function.source is None:
        return None
    data = function.source.data
    lowest = int(np.iinfo(dtype_of(data)).min)
    table = reader.arithmetic.emit(quantised(values, target, dtype))

    def entry(numbers: Any, entries: Any) -> Any:
        def element(*at: Any) -> Any:
            return entries[numbers(*at).astype("int32") - lowest]

        return te.compute(numbers.shape, element, name="table")

    return reader.arithmetic.te(entry, data, table, name="table")


def quantised(values: Any, target: View, dtype: str) -> Any:
    """Real numbers as integers of one scale and one zero point, those of ``target``."""
    scale, zero = target.scale.reshape(()), target.zero.reshape(()).astype(dtype)
    return relax.op.quantize(values, relax.const(scale), relax.const(zero), 0, dtype)


class _Function:
    """An elementwise function of one tensor, evaluated at all that an element may be."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._values: dict[Any, Any] = {}
        self.source: View | None = None

    def of(self, expr: Any) -> Any:
        """The 256 values of an expression; None where it depends on anything else."""
        if expr not in self._values:
            self._values[expr] = self._evaluated(expr)
        return self._values[expr]

    def _evaluated(self, expr: Any) -> Any:
        number = self._reader.value(expr)
        if is_known(number):
            return relax.const(number.reshape(())) if is_single(number) else None
        view = self._reader.read(expr)
        if view is not None and view.is_small and fixed(view.scale) and fixed(view.zero):
            return self._source(view)
        call = self._reader.definition(expr)
        name = operator_of(call)
        count = 1 if name in ONE_OPERAND else 2 if name in TWO_OPERANDS else 0
        operands = [self.of(operand) for operand in call.args[:count]] if count else [None]
        if any(operand is None for operand in operands):
            return None
        rest = list(call.args[count:])
        return self._reader.arithmetic.emit(Call(call.op, [*operands, *rest], call.attrs))

    def _source(self, view: View) -> Any:
        """All that a tensor's elements may stand for; None for a second tensor."""
        if self.source is not None and not self.source.data.same_as(view.data):
            return None
        self.source = view
        if is_known(view.data):
            return None
        limits = np.iinfo(dtype_of(view.data))
        numbers = np.arange(limits.min, limits.max + 1) - view.zero.reshape(())
        return relax.const(numbers.astype("float32") * view.scale.reshape(()))
