"""Clip, for the importer: an operator of Relax, which passes know, and no function of TensorIR."""

from __future__ import annotations

from typing import Any

import numpy as np

from heron_ms._tvm import GenericConst, relax

_OF_INPUTS = 11
"""The version since which bounds are inputs."""


class Clip:
    """The converter of an operator, as the importer looks it up."""

    @classmethod
    def get_converter(cls, version: int) -> Any:
        """For one version."""
        return _by_inputs if version >= _OF_INPUTS else _by_attributes


def _by_attributes(builder: Any, inputs: Any, attributes: Any, _params: Any) -> Any:
    dtype = str(inputs[0].ty.dtype)
    names = [name for name in ("min", "max") if name in attributes]
    bounds = {name: relax.const(attributes[name], dtype) for name in names}
    return _clipped(builder, inputs[0], bounds.get("min"), bounds.get("max"))


def _by_inputs(builder: Any, inputs: Any, _attributes: Any, _params: Any) -> Any:
    return _clipped(builder, inputs[0], inputs[1], inputs[2])


def _clipped(builder: Any, x: Any, low: Any, high: Any) -> Any:
    """The low bound first: where it is above the other, all elements are the high one."""
    for bound, against, open_ in (
        (low, relax.op.maximum, -np.inf),
        (high, relax.op.minimum, np.inf),
    ):
        if bound is not None:
            x = builder.emit(against(x, _number(builder, bound, open_)))
    return x


def _number(builder: Any, bound: Any, open_: float) -> Any:
    """A bound; what is no number bounds nothing, as ONNX Runtime has it."""
    dtype = str(bound.ty.dtype)
    if "float" not in dtype:
        return bound
    if isinstance(bound, GenericConst):
        array = bound.value.numpy()
        return relax.const(np.where(np.isnan(array), open_, array).astype(dtype))
    unbounded = relax.const(open_, dtype)
    return builder.emit(relax.op.where(relax.op.isnan(bound), unbounded, bound))
