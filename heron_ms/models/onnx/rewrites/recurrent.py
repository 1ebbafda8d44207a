"""LSTM as what it is made of: its steps one after the other, as many as the input is long.

    i, o, f, c~ = x W^T + h R^T + b;  c = f c + i c~;  h = o tanh(c)

with sigmoid on i, o and f and tanh on c~. The products with x do not wait for each other and are
one product for all steps.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from heron_ms.models.onnx.writer import Writer

_PLAIN = {"direction", "hidden_size"}
"""Attributes that the rewrite knows; activations, clips and layouts other than ONNX's are left."""


def lstm(write: Writer) -> bool:
    """An LSTM without peepholes and lengths, whose weights are constants."""
    shape = write.facts.shape(write.input(0))
    w, r, b = (write.array(write.input(place)) for place in (1, 2, 3))
    plain = not set(write.attributes()) - _PLAIN and not write.input(4) and not write.input(7)
    if shape is None or w is None or r is None or not plain or (write.input(3) and b is None):
        return False
    b = np.zeros((w.shape[0], 2 * w.shape[1]), w.dtype) if b is None else b
    direction = write.attributes().get("direction", b"forward")
    backwards = {b"forward": [False], b"reverse": [True], b"bidirectional": [False, True]}[
        direction
    ]
    parts = [
        _direction(write, place, (w[place], r[place], b[place]), shape[:2], backward)
        for place, backward in enumerate(backwards)
    ]
    # Of all steps (length, directions, batch, hidden), of the last one (directions, batch, hidden).
    for output, values, axis in zip(
        write.node.output, zip(*parts, strict=True), (1, 0, 0), strict=False
    ):
        if output:
            write.add("Concat", *values, out=output, axis=axis)
    return True


def _direction(
    write: Writer, place: int, weights: Any, shape: tuple[int, ...], backward: bool
) -> tuple[str, str, str]:
    """All hidden states (length, 1, batch, hidden), and the last h and c (1, batch, hidden)."""
    (w, r, b), (length, batch), hidden = weights, shape, weights[1].shape[1]
    bias = write.constant(b[: 4 * hidden] + b[4 * hidden :])
    of_x = write.add("MatMul", write.input(0), write.constant(np.ascontiguousarray(w.T)))
    of_x, back = write.add("Add", of_x, bias), write.constant(np.ascontiguousarray(r.T))
    h, c = (_initial(write, at, place, (batch, hidden), w.dtype) for at in (5, 6))
    states = []
    for step in reversed(range(length)) if backward else range(length):
        gates = write.add("Add", _at(write, of_x, step), write.add("MatMul", h, back))
        h, c = _step(write, gates, c, hidden)
        states.append(write.add("Reshape", h, _sizes(write, 1, 1, batch, hidden)))
    ordered = reversed(states) if backward else states
    last = [write.add("Reshape", state, _sizes(write, 1, batch, hidden)) for state in (h, c)]
    return write.add("Concat", *ordered, axis=0), last[0], last[1]


def _step(write: Writer, gates: str, c: str, hidden: int) -> tuple[str, str]:
    """The next h and c."""
    parts = [_slice(write, gates, gate * hidden, (gate + 1) * hidden, axis=1) for gate in range(4)]
    i, o, f = (write.add("Sigmoid", part) for part in parts[:3])
    kept, new = write.add("Mul", f, c), write.add("Mul", i, write.add("Tanh", parts[3]))
    c = write.add("Add", kept, new)
    return write.add("Mul", o, write.add("Tanh", c)), c


def _initial(write: Writer, operand: int, place: int, shape: tuple[int, int], dtype: Any) -> str:
    if not write.input(operand):
        return write.constant(np.zeros(shape, dtype))
    return _at(write, write.input(operand), place)


def _at(write: Writer, value: str, place: int) -> str:
    """One entry of the first axis, which goes."""
    return write.add("Gather", value, write.constant(np.asarray(place)), axis=0)


def _slice(write: Writer, value: str, start: int, stop: int, axis: int) -> str:
    bounds = (write.constant(np.asarray([number])) for number in (start, stop, axis))
    return write.add("Slice", value, *bounds)


def _sizes(write: Writer, *sizes: int) -> str:
    return write.constant(np.asarray(sizes))
