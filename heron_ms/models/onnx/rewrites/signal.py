"""Fourier transforms as a product with the matrix of sines and cosines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from heron_ms.models.onnx.writer import CannotBeHad, Writer

_AXIS_IS_OPERAND = 20


def _transform(write: Writer) -> bool:
    """Along one axis of (batch, ..., 1 or 2): the last one has the real and imaginary parts."""
    shape, attributes = write.shape(), write.attributes()
    length = write.known(1)
    if shape is None or (write.input(1) and length is None):
        raise CannotBeHad("its length is known only at run time")
    if attributes.get("inverse", 0) and not attributes.get("onesided", 0):
        raise CannotBeHad("an inverse with both sides")
    axis = _axis(write, attributes) % len(shape)
    inverse, onesided = attributes.get("inverse", 0), attributes.get("onesided", 0)
    full = 2 * (shape[axis] - 1) if inverse and onesided else shape[axis]
    points = full if length is None else int(length.reshape(()))
    used = min(points, (points // 2 + 1) if inverse and onesided else points, shape[axis])
    matrix = _matrix(points, used, shape[-1], bool(inverse), bool(onesided))
    value = write.slice(write.input(0), 0, used, axis) if used < shape[axis] else write.input(0)
    order = [*(place for place in range(len(shape) - 1) if place != axis), axis, len(shape) - 1]
    rest = [shape[place] for place in order[:-2]]
    flat = write.reshape(write.transpose(value, *order), [*rest, used * shape[-1]])
    product = write.add("MatMul", flat, write.constant(matrix.astype(write.dtype())))
    parts = 1 if inverse and onesided else 2
    result = write.reshape(product, [*rest, matrix.shape[1] // parts, parts])
    back = [int(place) for place in np.argsort(order)]
    write.transpose(result, *back, out=write.out)
    return True


def _axis(write: Writer, attributes: dict[str, Any]) -> int:
    if write.version < _AXIS_IS_OPERAND:
        return int(attributes.get("axis", 1))
    if not write.input(2):
        return -2
    axis = write.known(2)
    if axis is None:
        raise CannotBeHad("its axis is known only at run time")
    return int(axis.reshape(()))


def _matrix(points: int, used: int, parts: int, inverse: bool, onesided: bool) -> Any:
    """What becomes of each number given, alone: (used * parts, bins * parts of a result)."""
    units = np.zeros((used, parts, points), complex)
    for place in range(used):
        units[place, 0, place] = 1
        if parts == 2:
            units[place, 1, place] = 1j
    if inverse and onesided:
        real = np.fft.irfft(units[..., : points // 2 + 1], n=points)
        return real.reshape(used * parts, points)
    rows = np.fft.ifft(units) if inverse else np.fft.fft(units)
    rows = rows[..., : points // 2 + 1] if onesided else rows
    return np.stack([rows.real, rows.imag], axis=-1).reshape(used * parts, -1)


def _short_time(write: Writer) -> bool:
    """Frames of a signal (batch, samples, 1 or 2), each times the window and transformed."""
    shape, onesided = write.shape(), write.attributes().get("onesided", 1)
    step, window, length = write.known(1), write.shape(2), write.known(3)
    if shape is None or step is None or (write.input(3) and length is None):
        raise CannotBeHad("its frames are known only at run time")
    if length is None and window is None:
        raise CannotBeHad("it has neither a window nor a length")
    size = window[0] if window is not None else int(length.reshape(()))
    starts = np.arange(0, shape[1] - size + 1, int(step.reshape(())))
    places = starts[:, None] + np.arange(size)
    frames = write.add("Gather", write.input(0), write.constant(places), axis=1)
    parts = shape[2] if len(shape) > 2 else 1
    matrix = _matrix(size, size, parts, False, bool(onesided))
    if window is not None:
        frames = write.reshape(frames, [shape[0], len(starts), size, parts])
        frames = write.add("Mul", frames, write.reshape(write.input(2), [size, 1]))
    flat = write.reshape(frames, [shape[0], len(starts), size * parts])
    product = write.add("MatMul", flat, write.constant(matrix.astype(write.dtype())))
    write.reshape(product, [shape[0], len(starts), matrix.shape[1] // 2, 2], out=write.out)
    return True


SIGNAL: dict[str, Callable[[Writer], bool]] = {"DFT": _transform, "STFT": _short_time}
