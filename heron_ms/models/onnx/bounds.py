"""Clip, for the importer: an operator of Relax, which passes know, and no function of TensorIR."""

from __future__ import annotations

from typing import Any

import numpy as np

from heron_ms._tvm import GenericConst, relax


def clip(builder: Any, inputs: Any, attributes: Any) -> Any:
    """A Clip of any version: bounds were attributes before they became inputs.

    The low bound first: where it is above the other, all elements are the high one.
    """
    x, dtype = inputs[0], str(inputs[0].ty.dtype)
    for at, name, against, unbounded in (
        (1, "min", relax.op.maximum, -np.inf),
        (2, "max", relax.op.minimum, np.inf),
    ):
        given = relax.const(attributes[name], dtype) if name in attributes else inputs[at]
        if given is not None:
            x = builder.emit(against(x, _number(builder, given, unbounded)))
    return x


def _number(builder: Any, bound: Any, unbounded: float) -> Any:
    """A bound; what is no number bounds nothing, as ONNX Runtime has it."""
    dtype = str(bound.ty.dtype)
    if "float" not in dtype:
        return bound
    if isinstance(bound, GenericConst):
        array = bound.value.numpy()
        return relax.const(np.where(np.isnan(array), unbounded, array).astype(dtype))
    number = relax.const(unbounded, dtype)
    is_none = relax.op.isnan(relax.op.astype(bound, "float32"))  # TVM has none of bfloat16
    return builder.emit(relax.op.where(is_none, number, bound))
