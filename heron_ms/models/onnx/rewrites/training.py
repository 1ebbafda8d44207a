"""Operators that do in training what they do not in inference."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from heron_ms.models.onnx.writer import CannotBeHad, Writer


def _dropout(write: Writer) -> bool:
    """Nothing is dropped in inference: the operand, and a mask that keeps all."""
    shape = write.shape()
    ratio, training = write.known(1), write.known(2)
    drops = write.input(2) and (training is None or training.any())
    if drops and (ratio is None or ratio.any()):
        raise CannotBeHad("it drops elements at random")
    if shape is None:
        return False
    write.add("Identity", write.input(0), out=write.out)
    if write.outputs(1):
        # Before version 10 the mask was of the operand's type.
        dtype = bool if write.version >= 10 else write.dtype()
        write.add("Identity", write.constant(np.ones(shape, dtype)), out=write.outputs(1))
    return True


def _batch_norm(write: Writer) -> bool:
    """By the mean and variance of what is given, and their running averages."""
    attributes, shape, dtype = write.attributes(), write.shape(), write.dtype()
    if not attributes.get("training_mode", 0) or shape is None:
        return False
    x, scale, bias, mean, variance = write.inputs(0, 5)
    axes = [axis for axis in range(len(shape)) if axis != 1]
    channels, wide = [shape[1]], [1, -1, *[1] * (len(shape) - 2)]
    current = write.reduce("ReduceMean", x, axes)
    off = write.add("Sub", x, current)
    spread = write.reduce("ReduceMean", write.add("Mul", off, off), axes)
    epsilon = write.constant(np.asarray(attributes.get("epsilon", 1e-5), dtype))
    root = write.add("Sqrt", write.add("Add", spread, epsilon))
    scaled = write.add("Mul", write.add("Div", off, root), write.reshape(scale, wide))
    write.add("Add", scaled, write.reshape(bias, wide), out=write.out)
    momentum = np.asarray(attributes.get("momentum", 0.9), dtype)
    old, new = write.constant(momentum), write.constant(np.asarray(1 - momentum, dtype))
    for place, (running, now) in enumerate(((mean, current), (variance, spread)), 1):
        if write.outputs(place):
            kept = write.add("Mul", running, old)
            moved = write.add("Mul", write.reshape(now, channels), new)
            write.add("Add", kept, moved, out=write.outputs(place))
    return True


TRAINING: dict[str, Callable[[Writer], bool]] = {
    "Dropout": _dropout,
    "BatchNormalization": _batch_norm,
}
