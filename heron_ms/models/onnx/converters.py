"""What TVM's importer lacks or gets wrong, where Relax says it better than other operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from tvm import te

from heron_ms._tvm import HALVES, relax, tirx
from heron_ms.models.onnx.bounds import clip
from heron_ms.models.onnx.integers import convolution, matmul
from heron_ms.models.onnx.package import onnx

Converter = Callable[[Any, Any, Any], Any]
"""Makes an expression with a block builder, of operands and attributes. None: the importer's."""


def _matmul(builder: Any, inputs: Any, _: Any) -> Any:
    """Of halves: sums of float32, which is what instructions on them make, rounded once."""
    dtype = str(inputs[0].ty.dtype)
    if dtype not in HALVES:
        return None
    product = builder.emit(relax.op.matmul(inputs[0], inputs[1], out_dtype="float32"))
    return relax.op.astype(product, dtype)


def _cumulative_product(_: Any, inputs: Any, attributes: Any) -> Any:
    axis = _ints(inputs[1])
    if axis is None:
        raise ValueError("its axis is known only at run time")
    exclusive, reverse = bool(attributes.get("exclusive", 0)), attributes.get("reverse", 0)
    value = relax.op.flip(inputs[0], axis[0]) if reverse else inputs[0]
    result = relax.op.cumprod(value, axis[0], exclusive=exclusive)
    return relax.op.flip(result, axis[0]) if reverse else result


def _bit_cast(builder: Any, inputs: Any, attributes: Any) -> Any:
    dtype = onnx("onnx.helper").tensor_dtype_to_np_dtype(attributes["to"]).name
    if "bool" in (dtype, str(inputs[0].ty.dtype)):
        raise ValueError("truth values have no bits of their own")

    def bits(value: Any) -> Any:
        return te.compute(value.shape, lambda *at: tirx.reinterpret(dtype, value[at]), "bits")

    return builder.emit_te(bits, inputs[0], primfunc_name_hint="bit_cast")


def _extreme(largest: bool) -> Converter:
    """The largest or smallest of floats, from an infinity on: TVM begins at the last finite one."""

    def convert(builder: Any, inputs: Any, attributes: Any) -> Any:
        value = inputs[0]
        if not str(value.ty.dtype).startswith(("float", "bfloat")):
            return None
        axes = _axes(inputs, attributes, int(value.ty.ndim))
        if axes is None or not axes:
            return None
        keep = bool(attributes.get("keepdims", 1))
        name = "largest" if largest else "smallest"
        return builder.emit_te(_reduced(largest, axes, keep), value, primfunc_name_hint=name)

    return convert


def _axes(inputs: Any, attributes: Any, rank: int) -> list[int] | None:
    """The axes of a reduction; none where nothing is to be reduced."""
    given = inputs[1] if len(inputs) > 1 else None
    axes = attributes.get("axes") if given is None else _ints(given)
    if given is not None and axes is None:
        return None
    if axes is not None and len(axes):
        return [int(axis) % rank for axis in axes]
    return [] if attributes.get("noop_with_empty_axes", 0) else list(range(rank))


def _reduced(largest: bool, axes: list[int], keep: bool) -> Callable[..., Any]:
    start = -np.inf if largest else np.inf
    combine = tirx.max if largest else tirx.min
    reducer = te.comm_reducer(
        lambda one, other: combine(one, other), lambda dtype: tirx.const(start, dtype), "extreme"
    )

    def reduced(value: Any) -> Any:
        over = {axis: te.reduce_axis((0, value.shape[axis]), f"r{axis}") for axis in axes}
        kept = [axis for axis in range(len(value.shape)) if axis not in over]
        shape = [1 if axis in over else size for axis, size in enumerate(value.shape)]

        def element(*at: Any) -> Any:
            own = dict(enumerate(at)) if keep else dict(zip(kept, at, strict=True))
            places = [over.get(axis, own.get(axis)) for axis in range(len(value.shape))]
            return reducer(value[tuple(places)], axis=list(over.values()))

        return te.compute(shape if keep else [value.shape[axis] for axis in kept], element)

    return reduced


def _ints(value: Any) -> list[int] | None:
    """The elements of a constant, None for any other."""
    constant = getattr(getattr(value, "value", None), "numpy", None)
    return None if constant is None else [int(element) for element in constant().reshape(-1)]


CONVERTERS: dict[str, Converter] = {
    "Clip": clip,
    "MatMulInteger": matmul,
    "ConvInteger": convolution,
    "MatMul": _matmul,
    "CumProd": _cumulative_product,
    "BitCast": _bit_cast,
    "ReduceMax": _extreme(True),
    "ReduceMin": _extreme(False),
}
"""By operator."""
