"""Scales of channels go into the weights of the product before them, shifts into one bias.

Before: ``y = (conv2d(x, w) + b - mean) / sqrt(variance + epsilon) * gamma + beta``, as a batch norm
or written out. After: ``y = conv2d(x, w * s) + t`` with constants s and t. A batch norm that
follows no product, or one that others read too, becomes ``x * s + t``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from heron_ms._tvm import Call, GenericConst, IRModule, operator_of, relax
from heron_ms.models.folding.affine import Affine, Values
from heron_ms.models.relax_shapes import shape_of


def fold_scales(mod: IRModule) -> IRModule:
    """The module with constant factors and summands of its products folded.

    Products are convolutions (of any rank, grouped and transposed too) and matrix products, in
    float32 or float64, whose weights are constants of the module: bind parameters first. What is
    computed is equal up to rounding; the folded constants are computed in float64.
    """
    folded = mod.clone()
    for name, func in mod.functions_items():
        if isinstance(func, relax.Function):
            folded.update_func(name, _folded(func))
    return relax.transform.Normalize()(folded)


def _folded(func: Any) -> Any:
    values = Values.of(func)
    blocks = [type(block)(list(_bindings(block, values))) for block in func.body.blocks]
    body = relax.SeqExpr(blocks, func.body.body)
    return relax.Function(func.params, body, func.ret_ty, func.is_pure, func.attrs)


def _bindings(block: Any, values: Values) -> Iterator[Any]:
    for binding in block.bindings:
        value = _rewritten(binding.var, values) if isinstance(binding, relax.VarBinding) else None
        yield binding if value is None else relax.VarBinding(binding.var, value)


def _rewritten(var: Any, values: Values) -> Any | None:
    """What a variable is bound to instead; None where it stays."""
    affine = values.affine(var)
    if affine is not None and values.readers[affine.core] == 1:
        product = _scaled(values.bound.get(affine.core), affine.scale)
        if product is not None:
            return _plus(product, affine.shift, var)
    if values.batch_norm(var) is not None:
        return _written_out(var, values)
    return None


def _written_out(var: Any, values: Values) -> Any:
    """A batch norm as one product and one sum."""
    step = values.step(var)
    assert isinstance(step, Affine)
    return _plus(relax.op.multiply(step.core, _constant(step.scale, var)), step.shift, var)


def _plus(value: Any, shift: Any, like: Any) -> Any:
    return relax.op.add(value, _constant(shift, like)) if shift.any() else value


def _constant(array: Any, like: Any) -> Any:
    return relax.const(array.astype(str(like.ty.dtype)))


def _scaled(call: Any, scale: Any) -> Any | None:
    """A product of a constant weight, times a scale that differs only from channel to channel."""
    axes = _channels(call)
    if axes is None or not isinstance(call.args[1], GenericConst):
        return None
    (of_weight, of_output), weight = axes, call.args[1].value.numpy()
    rank, channels = len(call.ty.shape), weight.shape[of_weight]
    shape = (1,) * (rank - scale.ndim) + scale.shape
    output = shape_of(call)
    if output is None or output[of_output] != channels:
        return None
    if any(extent != 1 for axis, extent in enumerate(shape) if axis != of_output):
        return None
    along = [-1 if axis == of_weight else 1 for axis in range(weight.ndim)]
    factor = np.broadcast_to(scale.ravel(), (channels,)).reshape(along)
    return Call(call.op, [call.args[0], _constant(weight * factor, call)], call.attrs)


def _channels(call: Any) -> tuple[int, int] | None:
    """The axes of a product's weight and of its output that count output channels."""
    if operator_of(call) == "relax.matmul":
        weight = len(call.args[1].ty.shape)
        return (weight - 1, len(call.ty.shape) - 1) if weight > 1 else None
    if operator_of(call).startswith("relax.nn.conv"):
        return call.attrs.kernel_layout.index("O"), call.attrs.out_layout.index("C")
    return None
